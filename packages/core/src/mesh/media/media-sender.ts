import { type LocalMedia, type Source, streamOf } from './local-media.ts'
import type { SendLimits } from './send-budget.ts'

/**
 * Sends tracks on one connection: one transceiver per source, kept while the source is off and reused when it is turned
 * on, so that the number of m-lines does not grow (RFC 8829 §5.2.2).
 */
export class MediaSender {
  readonly #pc: RTCPeerConnection
  readonly #transceivers = new Map<Source, RTCRtpTransceiver>()
  #limits: SendLimits | undefined

  constructor(pc: RTCPeerConnection) {
    this.#pc = pc
  }

  /** Sends `source` of `media`, or stops sending it. The browser triggers renegotiation where needed. */
  async set(source: Source, media: LocalMedia): Promise<void> {
    if (this.#pc.signalingState === 'closed') return
    const track = media.tracks.get(source)
    const transceiver = this.#turn(source, track === undefined ? 'inactive' : 'sendonly')
    if (transceiver === undefined) {
      if (track === undefined) return
      const streams = [streamOf(source, media)]
      this.#transceivers.set(source, this.#pc.addTransceiver(track, { direction: 'sendonly', streams }))
    } else {
      // Rejects only when the connection was closed meanwhile.
      await transceiver.sender.replaceTrack(track ?? null).catch(() => undefined)
    }
    await this.#apply(source)
  }

  /** Applies `limits` to everything sent from now on. */
  async limit(limits: SendLimits): Promise<void> {
    this.#limits = limits
    for (const source of this.#transceivers.keys()) await this.#apply(source)
  }

  /**
   * Sets the direction of the transceiver of a source. @returns it; `undefined` when there is none, or the peer's answer
   * has refused its m-line, which stops it for good (W3C WebRTC §4.4.1.5).
   */
  #turn(source: Source, direction: RTCRtpTransceiverDirection): RTCRtpTransceiver | undefined {
    const transceiver = this.#transceivers.get(source)
    try {
      if (transceiver !== undefined) transceiver.direction = direction
      return transceiver
    } catch {
      this.#transceivers.delete(source)
      return undefined
    }
  }

  async #apply(source: Source): Promise<void> {
    const sender = this.#transceivers.get(source)?.sender
    const limits = this.#limits?.[source]
    if (sender === undefined || limits === undefined) return
    const parameters = sender.getParameters()
    const [encoding] = parameters.encodings
    // Some browsers have no encodings before the first negotiation is complete; the next sample applies the limits.
    if (encoding === undefined) return
    const height = sender.track?.getSettings().height ?? 0
    const { maxHeight, ...encodingLimits } = limits
    const wanted: RTCRtpEncodingParameters = {
      ...encodingLimits,
      networkPriority: limits.priority,
      ...(maxHeight !== undefined && { scaleResolutionDownBy: Math.max(1, height / maxHeight) }),
    }
    const isSet = Object.entries(wanted).every(([name, value]) => encoding[name as keyof typeof encoding] === value)
    // We choose the size, in steps. By default Chromium starts with a quarter of the pixels, whatever the path carries,
    // and takes 20 s to restore them. It forgets the preference, and only that, when an offer is rolled back.
    const preference = source === 'camera' ? 'maintain-resolution' : undefined
    if (isSet && (preference === undefined || parameters.degradationPreference === preference)) return
    Object.assign(encoding, wanted)
    if (preference !== undefined) parameters.degradationPreference = preference
    // Rejects when a negotiation came in between; the next sample applies the limits.
    await sender.setParameters(parameters).catch(() => undefined)
  }
}
