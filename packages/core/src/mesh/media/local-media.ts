import type { PeerMessage } from '@patchbay/protocol'

/** Sources with a choice of devices. */
export type DeviceSource = 'microphone' | 'camera'
/** Devices of which there may be several. */
export type DeviceKind = DeviceSource | 'speaker'
/** Sources of live media. */
export type Source = DeviceSource | 'screen' | 'screenAudio'

/** State of a peer's media, as in the data channel's `media` message. */
export type MediaState = Omit<Extract<PeerMessage, { type: 'media' }>, 'type'>

/** Nothing is sent. */
export const noMedia: MediaState = { microphone: 'off', camera: 'off', stream: null, screen: 'off', screenStream: null }

/** Tracks that this client sends to everyone: microphone and camera in one stream, the screen in another. */
export interface LocalMedia {
  readonly stream: MediaStream
  readonly screenStream: MediaStream
  readonly tracks: ReadonlyMap<Source, MediaStreamTrack>
}

/** The stream in which a source is sent. */
export function streamOf(
  source: Source,
  { stream, screenStream }: Pick<LocalMedia, 'stream' | 'screenStream'>,
): MediaStream {
  return source === 'screen' || source === 'screenAudio' ? screenStream : stream
}

/** The `media` message for these tracks. A microphone whose track is disabled is muted. */
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
