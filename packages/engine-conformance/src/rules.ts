import { LEASE_MS, type RoomSnapshot, RULES_MS } from '@patchbay/core/engine'
import type { PeerId, RoomId } from '@patchbay/protocol'
import { expect } from 'vitest'
import { Recording, type World } from './world.ts'

/** One rule of the contract, with its test. `run` rejects when the engine breaks the rule. */
export interface EngineRule {
  readonly id: string
  readonly title: string
  readonly run: (world: World) => Promise<void>
}

/** Sees to it that a node's view of the others is certain: they have all had the time of a lease. */
const settle = (world: World) => world.rig.wait(LEASE_MS + 1_000)

/** Whether a node was ever told that another is gone. */
const missed = ({ views }: Recording, other: Recording) => {
  const first = views.findIndex((view) => view.includes(other.id))
  return views.slice(first).some((view) => !view.includes(other.id))
}

const hostsIn = ({ seats }: RoomSnapshot) => seats.filter(({ info }) => info.host === true).map(({ info }) => info.name)

/** The engine contract, docs/engine-contract.md, rule by rule. */
export const engineRules: readonly EngineRule[] = [
  {
    id: 'E1',
    title: 'of two nodes that ask for the last place at once, one gets it',
    async run(world) {
      const [one, two] = (await world.start(2)) as [Recording, Recording]
      await world.enter(one, 'Ada', 2)
      const asked = [one, two].map((node, index) => node.engine.enter(world.room, world.seat(node, `late${index}`), 2))
      const outcomes = await world.during(Promise.all(asked))
      expect(outcomes.filter((outcome) => outcome === 'full')).toHaveLength(1)
      expect(outcomes.filter((outcome) => typeof outcome === 'object')).toHaveLength(1)
      expect((await world.during(one.read(world.room))).seats).toHaveLength(2)
      const again = world.seat(one, 'Ada')
      expect(await world.during(one.engine.enter(world.room, again, 2)), 'who is in it has a place').toMatchObject({})
    },
  },
  {
    id: 'E2',
    title: 'a peer has one home, whoever asks at once, until it is released or its home denies',
    async run(world) {
      const [one, two] = (await world.start(2)) as [Recording, Recording]
      const peer = 'Ada'.padEnd(22, '_') as PeerId
      const [first, second] = await world.during(Promise.all([one.engine.claim(peer), two.engine.claim(peer)]))
      expect([one.id, two.id]).toContain(first)
      expect(second).toBe(first)
      const [home, other] = first === one.id ? [one, two] : [two, one]
      other.engine.release(peer)
      await world.rig.wait(100)
      expect(await world.during(other.engine.claim(peer)), 'released by another').toBe(home.id)
      expect(await world.during(other.engine.claim(peer, home.id)), 'denied').toBe(other.id)
      expect(await world.during(home.engine.claim(peer))).toBe(other.id)
      other.engine.release(peer)
      await world.until(async () => (await world.during(home.engine.claim(peer))) === home.id, 2_000)
    },
  },
  {
    id: 'E3',
    title: 'changes and frames come to each node once and in order, and one that is lost is noticed within a second',
    async run(world) {
      const [one, two] = (await world.start(2)) as [Recording, Recording]
      const ada = await world.enter(one, 'Ada')
      await world.enter(two, 'Bob')
      for (let i = 0; i < 40; i += 1) {
        one.engine.update(world.room, { ...ada, info: { ...ada.info, line: `line-${i}` } })
        one.engine.send(two.id, `frame ${i}`)
        if (i % 10 === 0) await world.rig.wait(10)
      }
      // Its own entry is the second change.
      const changes = () => two.deltas.filter(({ offset }) => offset > 2)
      await world.until(() => changes().length >= 40 && two.frames.length >= 40, 5_000)
      const offsets = changes().map(({ offset }) => offset)
      expect(offsets).toEqual(offsets.map((_, index) => (offsets[0] ?? 0) + index))
      const lines = changes().map((delta) => (delta.type === 'put' ? delta.seat.info.line : ''))
      expect(lines).toEqual(Array.from({ length: 40 }, (_, i) => `line-${i}`))
      expect(two.frames).toEqual(Array.from({ length: 40 }, (_, i) => `frame ${i}`))
      expect(two.gaps).toBe(0)
      one.engine.send(two.id, 'x'.repeat(700_000))
      one.engine.send(two.id, 'after one that is too long')
      await world.until(() => two.gaps === 1, 1_000)
      expect(two.frames.at(-1)).toBe('after one that is too long')
    },
  },
  {
    id: 'E4',
    title: 'a node that dies is gone within lease + 1 s, told once, and so are its seats',
    async run(world) {
      const [one, two, three] = (await world.start(3)) as [Recording, Recording, Recording]
      await world.enter(one, 'Ada')
      await world.enter(two, 'Bob')
      await settle(world)
      await one.node.cut(true)
      const others = [two, three]
      await world.until(() => others.every((node) => missed(node, one)), LEASE_MS + 1_500)
      await world.rig.wait(1_000)
      for (const { views } of others)
        expect(views.filter((view) => view.length === 2 && !view.includes(one.id)).length, 'told once').toBe(1)
      expect(await world.during(two.names(world.room))).toEqual(['Bob'])
    },
  },
  {
    id: 'E5',
    title:
      'a node that was away for longer than its lease is told so, and puts its seats again: nobody twice, nobody missing',
    async run(world) {
      const [one, two] = (await world.start(2)) as [Recording, Recording]
      const ada = await world.enter(one, 'Ada')
      await world.enter(two, 'Bob')
      await settle(world)
      const before = one.resets
      await one.node.cut(true)
      await world.until(() => missed(two, one), LEASE_MS + 1_500)
      await world.rig.wait(2_000)
      await one.node.cut(false)
      await world.until(() => one.resets > before, 6_000)
      one.engine.update(world.room, ada)
      await world.until(() => two.views.at(-1)?.includes(one.id) === true, 3_000)
      await world.until(async () => (await world.during(two.names(world.room))).join() === 'Ada,Bob', 3_000)
      await world.until(() => two.deltas.some((delta) => delta.type === 'put' && delta.seat.info.name === 'Ada'), 2_000)
    },
  },
  {
    id: 'E6',
    title: 'the engine forgets everything: nodes are told so, no node is lost, and the rooms are as before within 5 s',
    async run(world) {
      const [one, two] = (await world.start(2)) as [Recording, Recording]
      const ada = await world.enter(one, 'Ada')
      const bob = await world.enter(two, 'Bob')
      await settle(world)
      const before = [one, two].map(({ resets }) => resets)
      await world.rig.restartEmpty()
      await world.until(() => [one, two].every(({ resets }, index) => resets > (before[index] ?? 0)), 5_000)
      one.engine.update(world.room, ada)
      two.engine.update(world.room, bob)
      await world.until(async () => (await world.during(one.names(world.room))).join() === 'Ada,Bob', 3_000)
      await settle(world)
      for (const [node, other] of [[one, two] as const, [two, one] as const]) expect(missed(node, other)).toBe(false)
      one.engine.send(two.id, 'and they hear each other')
      await world.until(() => two.frames.includes('and they hear each other'), 2_000)
    },
  },
  {
    id: 'E7',
    title:
      'while the engine is away nodes are told, joins are answered `busy`, and what was given up meanwhile is done after',
    async run(world) {
      const [one, two] = (await world.start(2)) as [Recording, Recording]
      const ada = await world.enter(one, 'Ada')
      await world.enter(one, 'Bob')
      await settle(world)
      for (const { node } of [one, two]) await node.cut(true)
      // Nobody knows yet that it cannot be done.
      one.engine.leave(world.room, ada, 'left')
      await world.until(() => [one, two].every(({ health }) => health.at(-1) === 'down'), 5_000)
      expect(await world.during(one.engine.enter(world.room, world.seat(one, 'Cyd'), 16))).toBe('busy')
      expect(await world.during(two.engine.read(world.room))).toBe('busy')
      expect(await world.during(two.engine.claim('Dee'.padEnd(22, '_') as PeerId))).toBeUndefined()
      await world.rig.wait(5_000)
      for (const { node } of [one, two]) await node.cut(false)
      await world.until(() => [one, two].every(({ health }) => health.at(-1) === 'up'), 5_000)
      await world.until(async () => (await world.during(two.names(world.room))).join() === 'Bob', 3_000)
      await settle(world)
      expect([missed(one, two), missed(two, one)]).toEqual([false, false])
    },
  },
  {
    id: 'E8',
    title: 'one node is cut off: the others go on, it is busy, and all is equal after',
    async run(world) {
      const [one, two, three] = (await world.start(3)) as [Recording, Recording, Recording]
      const ada = await world.enter(one, 'Ada')
      await world.enter(two, 'Bob')
      await settle(world)
      await one.node.cut(true)
      one.engine.send(two.id, 'the last for long')
      await world.until(() => one.health.at(-1) === 'down', 5_000)
      expect(two.health.at(-1)).toBe('up')
      await world.enter(three, 'Cyd')
      await world.until(() => two.deltas.some((delta) => delta.type === 'put' && delta.seat.info.name === 'Cyd'), 2_000)
      await world.rig.wait(LEASE_MS)
      await one.node.cut(false)
      await world.until(() => one.health.at(-1) === 'up', 5_000)
      await world.until(() => two.gaps > 0 || two.frames.includes('the last for long'), 3_000)
      one.engine.update(world.room, ada)
      for (const node of [one, two, three])
        await world.until(async () => (await world.during(node.names(world.room))).join() === 'Ada,Bob,Cyd', 5_000)
    },
  },
  {
    id: 'E9',
    title: 'unknown is never empty: a room that may lack somebody says that it is not complete',
    async run(world) {
      const [one, two] = (await world.start(2)) as [Recording, Recording]
      const ada = await world.enter(one, 'Ada')
      await settle(world)
      expect((await world.during(two.read(world.room))).isComplete).toBe(true)
      const before = two.resets
      await world.rig.restartEmpty()
      await world.until(() => two.resets > before && two.health.at(-1) === 'up', 6_000)
      expect((await world.during(two.read(world.room))).isComplete).toBe(false)
      one.engine.update(world.room, ada)
      await settle(world)
      await world.until(async () => (await world.during(two.read(world.room))).isComplete, 3_000)
      expect(await world.during(two.names(world.room))).toEqual(['Ada'])
    },
  },
  {
    id: 'E10',
    title: 'what no node has sent is dropped, whatever it is, and everything else goes on',
    async run(world) {
      const [one, two] = (await world.start(2)) as [Recording, Recording]
      await world.enter(one, 'Ada')
      await world.enter(two, 'Bob')
      const { epoch, offset } = await world.during(two.read(world.room))
      await world.rig.wait(200)
      two.frames.length = two.deltas.length = 0
      const delta = (change: object) => `2${world.room} ${JSON.stringify({ epoch, offset: offset + 1, ...change })}`
      for (const text of [
        '',
        '0',
        '9 of another version',
        '2',
        '2 ',
        `2${world.room}`,
        `2${world.room} {`,
        `2${world.room} null`,
        delta({ type: 'put' }),
        delta({ type: 'put', seat: { node: '../..', session: 'x' } }),
        delta({ type: 'remove', peer: 'short', session: 'x'.repeat(22) }),
        delta({ type: 'remove', peer: 'x'.repeat(22), session: 'x'.repeat(22), reason: 'because' }),
        `1${'x'.repeat(700_000)}`,
      ])
        await two.node.inject(text)
      one.engine.send(two.id, 'real')
      await world.until(() => two.frames.includes('real'), 3_000)
      expect(two.frames).toEqual(['real'])
      expect(two.deltas).toEqual([])
    },
  },
  {
    id: 'E11',
    title: 'a node that is connected but gets nothing finds out in 4 s, says that it is down, and recovers',
    async run(world) {
      const [one, two] = (await world.start(2)) as [Recording, Recording]
      await settle(world)
      const before = two.resets
      await two.node.deafen(true)
      await world.until(() => two.health.at(-1) === 'down', 4_500)
      expect(one.health.at(-1)).toBe('up')
      await two.node.deafen(false)
      await world.until(() => two.health.at(-1) === 'up', 6_000)
      expect(two.resets, 'what came meanwhile is lost').toBeGreaterThan(before)
      await world.until(async () => {
        one.engine.send(two.id, 'once more')
        await world.rig.wait(100)
        return two.frames.includes('once more')
      }, 3_000)
    },
  },
  {
    id: 'E12',
    title: 'a node that shuts down is gone at once, and whoever moves from it keeps the seat meanwhile',
    async run(world) {
      const [one, two] = (await world.start(2)) as [Recording, Recording]
      const ada = await world.enter(one, 'Ada')
      await world.enter(two, 'Bob')
      await settle(world)
      one.engine.update(world.room, { ...ada, state: 'moving' })
      await world.during(one.engine.close())
      await world.until(() => missed(two, one), 1_000)
      const { seats } = await world.during(two.read(world.room))
      expect(seats.map(({ info, state }) => `${info.name} ${state}`).toSorted()).toEqual(['Ada moving', 'Bob in'])
      const moved = { ...world.seat(two, 'Ada'), info: ada.info }
      expect(await world.during(two.engine.enter(world.room, moved, 2))).toMatchObject({ seats: [{}, {}] })
      expect((await world.during(two.read(world.room))).seats.map(({ session }) => session)).toContain(moved.session)
    },
  },
  {
    id: 'E13',
    title: 'the rules of a room hold on every node, come back when the engine has lost them, and end with the room',
    async run(world) {
      const [one, two] = (await world.start(2)) as [Recording, Recording]
      const enter = (node: Recording, name: string, host?: string) =>
        world.during(node.engine.enter(world.room, world.seat(node, name), 16, { host }))
      const [ada, zoe] = [world.seat(one, 'Ada'), world.seat(one, 'Zoe')]
      await world.during(one.engine.enter(world.room, zoe, 16, {}))
      const late = await enter(two, 'Bob', 'a latecomer’s key')
      expect(late, 'nobody opens a room in which others are').not.toHaveProperty('rules.host')
      expect(hostsIn(await world.during(two.read(world.room)))).toEqual([])
      await world.during(one.engine.enter(world.room, ada, 16, { host: 'key', afterOthers: true }))
      one.engine.leave(world.room, zoe, 'left')
      await world.until(async () => (await world.during(two.read(world.room))).seats.length === 2, 2_000)
      expect(await enter(two, 'Bob', 'another key')).toMatchObject({ rules: { host: 'key', isLocked: false } })
      expect(hostsIn(await world.during(two.read(world.room)))).toEqual(['Ada'])
      const lock = { type: 'lock', isLocked: true } as const
      const undecided = `${world.room}2` as RoomId
      await world.during(two.engine.enter(undecided, world.seat(two, 'Bob'), 16, {}))
      for (const change of [{ type: 'host', host: 'key' } as const, lock])
        expect(await world.during(two.engine.rule(undecided, change)), `${change.type}, hostless before`).toBe('done')
      expect(await world.during(one.engine.rule(world.room, lock))).toBe('done')
      await world.until(() => two.deltas.some((delta) => delta.type === 'rules' && delta.rules.isLocked), 2_000)
      expect(await enter(two, 'Cyd'), 'a newcomer').toBe('locked')
      expect(await enter(two, 'Bob'), 'who has a seat').toMatchObject({ seats: [{}, {}] })
      expect(await enter(two, 'Ada2', 'key'), 'a host').toMatchObject({ rules: { host: 'key' } })
      const judge = (name: string, verdict: 'admitted' | 'removed') =>
        world.during(one.engine.rule(world.room, { type: 'verdict', peer: world.seat(one, name).info.id, verdict }))
      expect(await judge('Cyd', 'admitted')).toBe('done')
      expect(await enter(two, 'Cyd')).toMatchObject({ rules: { isLocked: true } })
      expect(await judge('Bob', 'removed')).toBe('done')
      expect(await enter(two, 'Bob')).toBe('removed')
      const { rules } = await world.during(one.read(world.room))
      await world.rig.restartEmpty()
      await world.until(() => one.resets > 0 && one.health.at(-1) === 'up', 20_000)
      const cyd = world.seat(two, 'Cyd')
      two.engine.update(world.room, cyd)
      await world.until(async () => (await world.during(one.read(world.room))).seats.length === 1, 5_000)
      one.engine.update(world.room, ada, { rules })
      await world.until(() => two.deltas.some((delta) => delta.type === 'put' && delta.rules?.isLocked === true), 5_000)
      await world.until(async () => (await world.during(enter(two, 'Dan'))) === 'locked', 5_000)
      expect(await enter(two, 'Bob')).toBe('removed')
      one.engine.leave(world.room, ada, 'left')
      two.engine.leave(world.room, cyd, 'left')
      await world.until(async () => (await world.during(two.read(world.room))).seats.length === 0, 5_000)
      // For the time of a lease after a loss nobody becomes a host: the real one may not be back.
      await world.until(async () => {
        const outcome = await enter(two, 'Dan', 'another key')
        return typeof outcome === 'object' && outcome.rules?.host === 'another key'
      }, LEASE_MS + 2_000)
    },
  },
  {
    id: 'E14',
    title: 'the rules of a room outlive the nodes of all its members for two minutes',
    async run(world) {
      const [one, two] = (await world.start(2)) as [Recording, Recording]
      const enter = (node: Recording, name: string, host: string) =>
        world.during(node.engine.enter(world.room, world.seat(node, name), 16, { host }))
      const ada = world.seat(one, 'Ada')
      await world.during(one.engine.enter(world.room, ada, 16, { host: 'key' }))
      expect(await world.during(one.engine.rule(world.room, { type: 'lock', isLocked: true }))).toBe('done')
      await settle(world)
      one.engine.update(world.room, { ...ada, state: 'moving' })
      await world.during(one.engine.close())
      await world.until(() => missed(two, one), 1_000)
      const knock = async () => (await enter(two, 'Eve', 'another key')) === 'locked'
      await world.until(async () => (await knock()) && (await two.names(world.room)).length === 0, LEASE_MS + 1_000)
      expect(await knock()).toBe(true)
      expect(await enter(two, 'Ada', 'key')).toMatchObject({ rules: { host: 'key', isLocked: true } })
      expect(hostsIn(await world.during(two.read(world.room)))).toEqual(['Ada'])
      if (world.rig.isVirtual !== true) return
      const room = `${world.room}2` as RoomId
      const bob = world.seat(two, 'Bob')
      await world.during(two.engine.enter(room, bob, 16, { title: 'of yesterday', host: 'key' }))
      two.engine.update(room, { ...bob, state: 'moving' })
      const three = new Recording(await world.rig.node())
      await world.startOne(three)
      await world.during(two.engine.close())
      await world.rig.wait(RULES_MS + 1_500)
      const opening = { title: 'of today', host: 'another key' }
      const entered = await world.during(three.engine.enter(room, world.seat(three, 'Cyd'), 16, opening))
      expect(entered).toMatchObject({ title: 'of today', rules: { host: 'another key' }, seats: [{}] })
      const four = new Recording(await world.rig.node())
      await world.startOne(four)
      for (const isLocked of [false, true]) {
        const [dying, after] = isLocked ? [three, four] : [four, three]
        const other = `${world.room}3${isLocked}` as RoomId
        const yesterday = { title: 'of yesterday', host: 'key' }
        await world.during(dying.engine.enter(other, world.seat(dying, 'Dee'), 16, yesterday))
        expect(await world.during(dying.engine.rule(other, { type: 'lock', isLocked }))).toBe('done')
        await dying.node.cut(true)
        await world.rig.wait(RULES_MS + LEASE_MS + 1_500)
        const anew = await world.during(after.engine.enter(other, world.seat(after, 'Eve'), 16, opening))
        expect(anew).toMatchObject({ title: 'of today', rules: { host: 'another key' }, seats: [{}] })
        await dying.node.cut(false)
        await settle(world)
      }
    },
  },
]
