import type { PeerMessage } from '@patchbay/protocol'

/** What a person can choose a device for. */
export type DeviceSource = 'microphone' | 'camera'
/** What a person can send live. */
export type Source = DeviceSource | 'screen' | 'screenAudio'

/** What a peer says of its own media; the message `media` of the data channel. */
export type MediaState = Omit<Extract<PeerMessage, { type: 'media' }>, 'type'>

/** Nothing is sent. */
export const noMedia: MediaState = { microphone: 'off', camera: 'off', stream: null, screen: 'off', screenStream: null }

/** Tracks this client sends to everyone: those of the person in one stream, those of the screen in another. */
export interface LocalMedia {
  readonly stream: MediaStream
  readonly screenStream: MediaStream
  readonly tracks: ReadonlyMap<Source, MediaStreamTrack>
}

/** The stream that a source is sent in. */
export function streamOf(source: Source, { stream, screenStream }: LocalMedia): MediaStream {
  return source === 'screen' || source === 'screenAudio' ? screenStream : stream
}

/** What to tell the others of these tracks. A microphone whose track is disabled is muted. */
export function describeMedia({ stream, screenStream, tracks }: LocalMedia): MediaState {
  const microphone = tracks.get('microphone')
  return {
    microphone: microphone === undefined ? 'off' : microphone.enabled ? 'on' : 'muted',
    camera: tracks.has('camera') ? 'on' : 'off',
    stream: stream.id,
    screen: tracks.has('screen') ? 'on' : 'off',
    screenStream: screenStream.id,
  }
}
