import type { PeerMessage } from '@patchbay/protocol'

/** What a person can send live. */
export type Source = 'microphone' | 'camera'

/** What a peer says of its own media; the message `media` of the data channel. */
export type MediaState = Omit<Extract<PeerMessage, { type: 'media' }>, 'type'>

/** Nothing is sent. */
export const noMedia: MediaState = { microphone: 'off', camera: 'off', stream: null }

/** Tracks this client sends to everyone, in one stream. */
export interface LocalMedia {
  readonly stream: MediaStream
  readonly tracks: ReadonlyMap<Source, MediaStreamTrack>
}

/** What to tell the others of these tracks. A microphone whose track is disabled is muted. */
export function describeMedia({ stream, tracks }: LocalMedia): MediaState {
  const microphone = tracks.get('microphone')
  return {
    microphone: microphone === undefined ? 'off' : microphone.enabled ? 'on' : 'muted',
    camera: tracks.has('camera') ? 'on' : 'off',
    stream: stream.id,
  }
}

/**
 * Sends tracks on one connection: one transceiver a source, kept while the source is off and used again when it is on,
 * so that the number of m-lines does not grow (RFC 8829 §5.2.2).
 */
export class MediaSender {
  readonly #pc: RTCPeerConnection
  readonly #transceivers = new Map<Source, RTCRtpTransceiver>()

  constructor(pc: RTCPeerConnection) {
    this.#pc = pc
  }

  /** Sends `track` as `source`, or stops sending it. Renegotiation follows by itself where it is needed. */
  async set(source: Source, track: MediaStreamTrack | undefined, stream: MediaStream): Promise<void> {
    if (this.#pc.signalingState === 'closed') return
    const transceiver = this.#transceivers.get(source)
    if (transceiver === undefined) {
      if (track === undefined) return
      this.#transceivers.set(source, this.#pc.addTransceiver(track, { direction: 'sendonly', streams: [stream] }))
      return
    }
    transceiver.direction = track === undefined ? 'inactive' : 'sendonly'
    // Rejects only when the connection is closed meanwhile, and then there is nobody to send to.
    await transceiver.sender.replaceTrack(track ?? null).catch(() => undefined)
  }
}
