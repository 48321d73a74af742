import type { Signal } from '../signaling/index.ts'
import { beginNegotiation, readSignal, step } from './negotiation.ts'
import type { Negotiation, NegotiationEffect, NegotiationEvent, NegotiationRole } from './negotiation-state.ts'
import { fingerprintsOf } from './sdp.ts'

/** What a link has to do itself. */
export type LinkEffect = Extract<NegotiationEffect, { type: 'replaced' | 'hand_over' | 'start_over' }>

/** What a negotiator needs from its link. */
export interface NegotiatorOptions extends NegotiationRole {
  /** `false`: the other end makes the first offer. */
  readonly offersFirst: boolean
  /** Number of the other end's newest known connection, 0 for none. */
  readonly newestRemote: number
  /** Sends a signal to the other end over any available path. */
  readonly send: (signal: Signal) => void
  readonly act: (effect: LinkEffect) => void
}

/** Runs a {@link Negotiation} on one RTCPeerConnection: one event at a time, with all its effects, in order of arrival. */
export class Negotiator {
  readonly #pc: RTCPeerConnection
  readonly #options: NegotiatorOptions
  #state: Negotiation
  #queue: Promise<void> = Promise.resolve()

  constructor(pc: RTCPeerConnection, options: NegotiatorOptions) {
    this.#pc = pc
    this.#options = options
    this.#state = beginNegotiation(options, options.offersFirst, options.newestRemote)
    pc.addEventListener('negotiationneeded', () => this.handle({ type: 'needed' }))
    pc.addEventListener('icecandidate', ({ candidate }) => this.#sendCandidate(candidate))
  }

  get state(): Negotiation {
    return this.#state
  }

  /** Fingerprints of the certificates in use, local and remote (RFC 8122 §5); `undefined` until both are known. */
  get certificates(): readonly [string, string] | undefined {
    const [here, there] = [this.#pc.currentLocalDescription, this.#pc.currentRemoteDescription]
    return here && there ? [fingerprintsOf(here.sdp), fingerprintsOf(there.sdp)] : undefined
  }

  /** Handles a signal from the other end; drops one that cannot be read. */
  receive(signal: Signal): void {
    const event = readSignal(signal)
    if (event !== undefined) this.handle(event)
  }

  handle(event: NegotiationEvent): void {
    this.#queue = this.#queue.then(() => this.#run(event)).catch(() => undefined)
  }

  async #run(event: NegotiationEvent): Promise<void> {
    const { next, effects } = step(this.#state, event)
    this.#state = next
    for (const effect of effects) {
      const isOver = this.#pc.signalingState === 'closed' && effect.type !== 'hand_over'
      const result = isOver ? undefined : await this.#perform(effect)
      if (result !== undefined) await this.#run(result)
    }
  }

  /** @returns what the platform reports. */
  async #perform(effect: NegotiationEffect): Promise<NegotiationEvent | undefined> {
    const pc = this.#pc
    switch (effect.type) {
      case 'make':
        // In any other state the platform would make an answer.
        if (this.#state.local.is === 'making' && pc.signalingState !== 'stable') return { type: 'failed' }
        return report(() => pc.setLocalDescription(), { type: 'made' })
      case 'apply':
        return report(() => pc.setRemoteDescription({ type: effect.as, sdp: effect.sdp }), { type: 'applied' })
      case 'add': {
        const { connection: _, ...init } = effect.candidate
        const add = () => pc.addIceCandidate(init.candidate === '' ? { candidate: '' } : init)
        return report(add, undefined, { type: 'early', candidate: effect.candidate })
      }
      case 'restart_ice':
        pc.restartIce()
        return undefined
      case 'send': {
        const { sdp = '' } = (effect.as === 'offer' ? pc.localDescription : pc.currentLocalDescription) ?? {}
        this.#options.send({ type: effect.as, body: JSON.stringify({ ...effect.head, sdp }) })
        return undefined
      }
      default:
        this.#options.act(effect)
        return undefined
    }
  }

  /** `null` ends a generation of candidates (RFC 8838 §13); it is sent as an empty candidate. */
  #sendCandidate(found: RTCIceCandidate | null): void {
    const { candidate = '', sdpMid = null, sdpMLineIndex = null, usernameFragment = null } = found ?? {}
    const { connection } = this.#options
    const body = JSON.stringify({ connection, candidate, sdpMid, sdpMLineIndex, usernameFragment })
    this.#options.send({ type: 'ice_candidate', body })
  }
}

async function report(
  work: () => Promise<void>,
  done: NegotiationEvent | undefined,
  failed: NegotiationEvent = { type: 'failed' },
): Promise<NegotiationEvent | undefined> {
  try {
    await work()
    return done
  } catch {
    return failed
  }
}
