import { describe, expect, test } from 'vitest'
import { Heartbeat } from '../src/mesh/heartbeat.ts'
import type { LinkState } from '../src/mesh/link-state.ts'
import { ManualClock } from './support/manual-clock.ts'

interface Link {
  phase: LinkState['phase']
  open: boolean
}

/** A heartbeat on a hand-driven clock, and when it did what. */
function pulse({ polite = false, phase = 'connected', open = true }: Partial<Link & { polite: boolean }> = {}) {
  const clock = new ManualClock()
  const link: Link = { phase, open }
  const did: string[] = []
  const note = (what: string) => () => void did.push(`${what} ${clock.now()}`)
  const heartbeat = new Heartbeat({
    clock,
    polite,
    phase: () => link.phase,
    open: () => link.open,
    beat: () => {},
    ping: (n) => did.push(`ping${n} ${clock.now()}`),
    look: note('look'),
    silent: note('silent'),
    retry() {
      note('retry')()
      heartbeat.tried()
    },
  })
  const only = (what: string) => did.filter((one) => one.startsWith(what)).map((one) => Number(one.split(' ')[1]))
  return { clock, link, did, heartbeat, only }
}

describe('a heartbeat', () => {
  test('asks once a second for as long as it is answered, with a new number each time', async () => {
    const { clock, did, heartbeat } = pulse()
    for (let beat = 0; beat < 4; beat += 1) {
      await clock.advance(1_000)
      heartbeat.heard()
    }
    expect(did).toEqual(['ping1 1000', 'ping2 2000', 'ping3 3000', 'ping4 4000'])
  })

  test('looks at the path with every tenth question', async () => {
    const { clock, heartbeat, only } = pulse()
    for (let beat = 0; beat < 25; beat += 1) {
      await clock.advance(1_000)
      heartbeat.heard()
    }
    expect(only('look')).toEqual([10_000, 20_000])
  })

  test('says nothing while nothing can be said', async () => {
    const { clock, did } = pulse({ open: false })
    await clock.advance(10_000)
    expect(did).toEqual([])
  })

  test('stops when it is told to, and does something else in its place if it is asked', async () => {
    const { clock, did, heartbeat } = pulse()
    heartbeat.stop({ afterMs: 500, act: () => did.push('act') })
    await clock.advance(499)
    expect(did).toEqual([])
    await clock.advance(10_000)
    expect(did).toEqual(['act'])
    heartbeat.stop()
    expect(clock.pending).toBe(0)
  })

  test('knows for how long nothing was heard, and takes 2.5 s of that for the end', async () => {
    const { clock, heartbeat } = pulse()
    await clock.advance(2_499)
    expect([heartbeat.silentMs, heartbeat.alive]).toEqual([2_499, true])
    await clock.advance(1)
    expect([heartbeat.silentMs, heartbeat.alive]).toEqual([2_500, false])
    heartbeat.heard()
    expect([heartbeat.silentMs, heartbeat.alive]).toEqual([0, true])
  })
})

describe('a path that goes silent', () => {
  /** Silent from the start, and found to be at the third beat. */
  const broken = async (polite: boolean) => {
    const world = pulse({ polite })
    await world.clock.advance(2_999)
    expect(world.only('silent')).toEqual([])
    await world.clock.advance(1)
    expect(world.only('silent')).toEqual([3_000])
    world.link.phase = 'healing'
    return world
  }

  test('is found at the next beat, and asked no more', async () => {
    const { clock, only } = await broken(false)
    await clock.advance(5_000)
    expect(only('ping')).toEqual([1_000, 2_000])
    expect(only('silent')).toEqual([3_000])
  })

  test('is mended by the impolite end at once, and again after waits that double up to 10 s', async () => {
    const { clock, only } = await broken(false)
    await clock.advance(60_000)
    const tries = only('retry')
    expect(tries.slice(0, 6)).toEqual([4_000, 6_000, 10_000, 18_000, 28_000, 38_000])
  })

  test('is mended by the polite end only when nothing came of it, and with more patience', async () => {
    const { clock, only } = await broken(true)
    await clock.advance(60_000)
    const tries = only('retry')
    expect(tries.slice(0, 4)).toEqual([6_000, 9_000, 15_000, 27_000])
    expect((tries[5] ?? 0) - (tries[4] ?? 0)).toBe(15_000)
  })

  test('is mended in short waits again once something was heard, and in a new series when one begins', async () => {
    const { clock, heartbeat, link, only } = await broken(false)
    await clock.advance(20_000)
    heartbeat.heard()
    link.phase = 'connected'
    await clock.advance(3_000)
    link.phase = 'healing'
    await clock.advance(10_000)
    const later = only('retry').filter((at) => at > 25_000)
    expect(later.slice(1).map((at, i) => at - (later[i] ?? 0))).toEqual([2_000, 4_000])
    heartbeat.tried(true)
    const from = clock.now()
    await clock.advance(8_000)
    expect(
      only('retry')
        .filter((at) => at > from)
        .map((at) => at - from),
    ).toEqual([2_000, 6_000])
  })
})

describe('a page that stood still', () => {
  test('hears what came meanwhile before it calls the path silent', async () => {
    const { clock, heartbeat, did } = pulse()
    clock.stall(30_000)
    await clock.advance(0)
    heartbeat.heard()
    await clock.advance(1_000)
    expect(did).toEqual(['ping1 30000', 'ping2 31000'])
  })

  test('calls it silent a beat later if nothing came, though that beat is late as well', async () => {
    const { clock, only } = pulse()
    for (let beat = 0; beat < 2; beat += 1) {
      clock.stall(30_000)
      await clock.advance(0)
    }
    expect([only('ping'), only('silent')]).toEqual([[30_000], [60_000]])
  })

  test('sets up a path that it knows to be silent without that wait', async () => {
    const { clock, link, only } = pulse()
    await clock.advance(3_000)
    link.phase = 'healing'
    clock.stall(30_000)
    await clock.advance(0)
    expect(only('retry')).toEqual([33_000])
  })
})

test.each([
  ['impolite', false, 6_000],
  ['polite', true, 9_000],
])('a first connection is tried anew by the %s end when it takes longer than %s', async (_, polite, first) => {
  const { clock, only } = pulse({ polite, phase: 'connecting', open: false })
  await clock.advance(60_000)
  const tries = only('retry')
  expect([tries[0], (tries[1] ?? 0) - first]).toEqual([first, polite ? 15_000 : 10_000])
})

describe('a path that the platform calls back', () => {
  test('is knocked at four times, so that what was lost on it is missed', async () => {
    const { clock, heartbeat, only } = pulse()
    heartbeat.pathChanged(false)
    await clock.advance(100)
    heartbeat.pathChanged(true)
    await clock.advance(500)
    expect(only('ping')).toEqual([100, 140, 180, 220])
  })

  test('and never was away is not', async () => {
    const { clock, heartbeat, only } = pulse()
    expect(heartbeat.isPathUp).toBe(false)
    heartbeat.pathChanged(true)
    await clock.advance(500)
    expect(only('ping')).toEqual([])
  })

  test('and on which the peer was heard since is whole again', async () => {
    const { clock, heartbeat, only } = pulse()
    heartbeat.pathChanged(false)
    // Not on a whole one.
    heartbeat.heard()
    heartbeat.pathChanged(true)
    await clock.advance(200)
    expect(only('ping')).toHaveLength(4)
    heartbeat.heard()
    heartbeat.pathChanged(true)
    await clock.advance(200)
    expect(only('ping')).toHaveLength(4)
  })

  test('is knocked at with every beat until the peer is heard, whose end may have come back later', async () => {
    const { clock, heartbeat, only } = pulse()
    heartbeat.pathChanged(false)
    heartbeat.pathChanged(true)
    await clock.advance(3_100)
    expect(only('ping').filter((at) => at >= 3_000)).toEqual([3_000, 3_040, 3_080])
    await clock.advance(900)
    expect(only('ping').filter((at) => at >= 3_100)).toEqual([3_120, 4_000])
    heartbeat.heard()
    await clock.advance(500)
    heartbeat.pathChanged(false)
    await clock.advance(5_000)
    expect(only('ping').filter((at) => at > 7_000)).toEqual([])
  })

  test('is not knocked at where nothing can be said', async () => {
    const { clock, heartbeat, link, only } = pulse()
    heartbeat.pathChanged(false)
    heartbeat.pathChanged(true)
    link.open = false
    await clock.advance(900)
    expect(only('ping')).toEqual([0])
  })
})
