import { isDeepStrictEqual } from 'node:util'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { beginNegotiation, isFromPeer, step } from '../src/mesh/negotiation.ts'
import type { Negotiation, NegotiationEffect, NegotiationEvent, SignalEvent } from '../src/mesh/negotiation-state.ts'

// Two negotiations without any connection: a platform of a few lines reports what JSEP (RFC 8829 §4.1.8) would, and the two
// paths between the ends lose, double and reorder what is sent. Whoever relays it may number it anew.

const certificateOf = (end: number, connection: number) =>
  `sha-256 ${'A'.repeat(8)}:${String(10 * end + connection).padStart(2, '0')}`

/** What the platform knows: which descriptions are pending and applied, by the numbers in them. */
interface Platform {
  signaling: 'stable' | 'have-local-offer' | 'have-remote-offer'
  /** The description of each end that the last finished negotiation agreed on. */
  agreed: readonly [local: string, remote: string] | undefined
  pendingLocal: string | undefined
  pendingRemote: string | undefined
  needsOffer: boolean
}

/** One page: its negotiation, its platform, and the number of connections it has made. */
class End {
  readonly index: number
  readonly out: SignalEvent[] = []
  platform: Platform = newPlatform()
  state: Negotiation
  connections = 1
  #made = 0

  constructor(index: number) {
    this.index = index
    this.state = beginNegotiation({ polite: index === 0, renegotiate: true, connection: 1 }, index === 0, 0)
  }

  /** Handles an event with all that follows from it, as the interpreter does. */
  handle(event: NegotiationEvent): void {
    const { next, effects } = step(this.state, event)
    this.state = next
    for (const effect of effects) {
      if (this.state.remote.is === 'replaced' && effect.type !== 'replaced' && effect.type !== 'hand_over') continue
      const result = this.#perform(effect)
      if (result !== undefined) this.handle(result)
    }
  }

  /** Lets `negotiationneeded` fire, where the platform would. */
  turn(): void {
    if (this.platform.signaling === 'stable' && this.platform.needsOffer) this.handle({ type: 'needed' })
  }

  #perform(effect: NegotiationEffect): NegotiationEvent | undefined {
    const { platform } = this
    switch (effect.type) {
      case 'make':
        return this.#make()
      case 'apply': {
        if (effect.as === 'answer') {
          if (platform.signaling !== 'have-local-offer') throw new Error(`answer applied in ${platform.signaling}`)
          platform.agreed = [platform.pendingLocal ?? '', effect.sdp]
          platform.signaling = 'stable'
          platform.needsOffer = false
          return { type: 'applied' }
        }
        // An implicit rollback: an offer that was withdrawn is still needed.
        if (platform.signaling === 'have-local-offer') platform.needsOffer = true
        platform.pendingRemote = effect.sdp
        platform.signaling = 'have-remote-offer'
        return { type: 'applied' }
      }
      case 'add':
        return undefined
      case 'restart_ice':
        platform.needsOffer = true
        return undefined
      case 'send': {
        const sdp = effect.as === 'offer' ? platform.pendingLocal : platform.agreed?.[0]
        if (sdp?.startsWith(`${this.index}/${this.state.role.connection} ${effect.as}`) !== true)
          throw new Error(`sent as ${effect.as}: ${sdp}`)
        this.out.push({ type: effect.as, description: { ...effect.head, sdp } })
        return undefined
      }
      case 'replaced':
        this.#startOver(false)
        this.handle(effect.first)
        return undefined
      case 'hand_over':
        return undefined
      case 'start_over':
        this.#startOver(true)
        return undefined
    }
  }

  #make(): NegotiationEvent {
    const { platform } = this
    const as = platform.signaling === 'have-remote-offer' ? 'answer' : 'offer'
    const sdp = `${this.index}/${this.state.role.connection} ${as} ${(this.#made += 1)}\na=fingerprint:${certificateOf(this.index, this.state.role.connection)}\n`
    if (as === 'answer') {
      platform.agreed = [sdp, platform.pendingRemote ?? '']
      platform.signaling = 'stable'
    } else {
      platform.pendingLocal = sdp
      platform.signaling = 'have-local-offer'
      platform.needsOffer = false
    }
    return { type: 'made' }
  }

  #startOver(offersFirst: boolean): void {
    const { remote, role } = this.state
    const newest = remote.is === 'known' ? remote.connection : remote.newest
    this.platform = newPlatform()
    this.state = beginNegotiation({ ...role, connection: (this.connections += 1) }, offersFirst, newest)
  }

  /** The page has made a new connection by itself, as after a channel that closed. */
  replace(): void {
    this.#startOver(this.index === 0)
  }
}

function newPlatform(): Platform {
  return {
    signaling: 'stable',
    agreed: undefined,
    pendingLocal: undefined,
    pendingRemote: undefined,
    needsOffer: true,
  }
}

/** One step of a schedule: which end, what it does, and a number that chooses among what is under way to it. */
const moves = fc.record({
  end: fc.constantFrom(0, 1),
  what: fc.constantFrom(
    'deliver',
    'deliver',
    'deliver',
    'turn',
    'lose',
    'double',
    'need',
    'restart',
    'resend',
    'replace',
    'number',
  ),
  pick: fc.nat(7),
})

/** A signal as it comes from a member that relays it and has every later offer count as obsolete. */
function numberAnew(signal: SignalEvent): SignalEvent {
  if (signal.type === 'candidate') return signal
  const { n, ...description } = signal.description
  const highest = Number.MAX_SAFE_INTEGER
  return { ...signal, description: { ...description, n: signal.type === 'offer' ? highest : n, offers: highest } }
}

/** Whether both ends have applied what the other end has made: packets would find their way. */
const doAgree = ([one, two]: readonly [End, End]) =>
  isDeepStrictEqual(one.platform.agreed?.toReversed(), two.platform.agreed)

/** Runs a schedule, then lets everything through, with the retries of a link, until nothing changes any more. */
function run(schedule: readonly { readonly end: number; readonly what: string; readonly pick: number }[]): End[] {
  const ends = [new End(0), new End(1)] as const
  const other = (end: number) => ends[1 - end] as End
  const takeFrom = (sender: End, pick: number) => sender.out.splice(pick % Math.max(1, sender.out.length), 1)[0]
  for (const { end, what, pick } of schedule) {
    const self = ends[end] as End
    switch (what) {
      case 'deliver': {
        const signal = takeFrom(other(end), pick)
        if (signal !== undefined) self.handle(signal)
        break
      }
      case 'double': {
        const signal = other(end).out[pick]
        if (signal !== undefined) self.handle(signal)
        break
      }
      case 'number': {
        const signal = other(end).out[pick]
        const numbered = signal === undefined ? undefined : numberAnew(signal)
        if (numbered !== undefined && isFromPeer(self.state, numbered)) self.handle(numbered)
        break
      }
      case 'lose':
        takeFrom(self, pick)
        break
      case 'need':
        self.platform.needsOffer = true
        break
      case 'restart':
        self.handle({ type: 'restart', afterOutage: pick > 3 })
        break
      case 'resend':
        self.handle({ type: 'resend' })
        break
      case 'replace':
        self.replace()
        break
    }
    if (what !== 'replace') self.turn()
  }
  // After a wrong number the descriptions may differ until the path fails and the ends try again.
  const isNumbered = schedule.some(({ what }) => what === 'number')
  for (let round = 0; round < 16; round += 1) {
    for (const end of ends) {
      end.turn()
      // An end without an answer tries again, the polite one later.
      const waits =
        end.state.local.is !== 'stable' || end.platform.agreed === undefined || (isNumbered && !doAgree(ends))
      if (waits && (end.index === 1 || round % 2 === 1)) end.handle({ type: 'restart', afterOutage: false })
      const peer = other(end.index)
      for (let signal = peer.out.shift(); signal !== undefined; signal = peer.out.shift()) end.handle(signal)
    }
  }
  return [...ends]
}

/** The answer to an offer that crossed another comes with a number that has whoever gave it count as having offered for ever. */
const numbered = [
  { end: 0, what: 'deliver', pick: 0 },
  { end: 1, what: 'deliver', pick: 0 },
  { end: 0, what: 'deliver', pick: 7 },
  { end: 1, what: 'number', pick: 0 },
]

describe('two ends, whatever is lost, doubled, overtaken or numbered anew by who relays it', () => {
  test('agree in the end, on each other’s newest connection and on one pair of descriptions', () => {
    fc.assert(
      fc.property(fc.array(moves, { maxLength: 40 }), (schedule) => {
        const [ada, bob] = run(schedule) as [End, End]
        for (const end of [ada, bob]) {
          expect(end.state.local.is).toBe('stable')
          expect(end.platform.signaling).toBe('stable')
          expect(end.platform.needsOffer).toBe(false)
        }
        expect(ada.state.remote).toMatchObject({ is: 'known', connection: bob.state.role.connection })
        expect(bob.state.remote).toMatchObject({ is: 'known', connection: ada.state.role.connection })
        expect(ada.platform.agreed).toEqual(bob.platform.agreed?.toReversed())
      }),
      { numRuns: 1_000, examples: [[numbered]] },
    )
  })
})
