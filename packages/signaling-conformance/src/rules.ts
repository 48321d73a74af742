import type { Signal } from '@patchbay/core/signaling'
import { Member } from './member.ts'
import type { RigClient, SignalingRig } from './rig.ts'

/** What a rule works with. */
export interface World {
  readonly rig: SignalingRig
  readonly lostWithinMs: number
  /** Enters a room with a new client, and waits until it is in. */
  readonly enter: (name: string, room?: string) => Promise<Member>
  /** Waits for a condition. @throws {Error} with `what` when it does not come true in time. */
  readonly until: (what: string, condition: () => boolean, withinMs?: number) => Promise<void>
  /** Long enough for whatever must not happen. */
  readonly pause: () => Promise<void>
  /** @throws {Error} with `what` unless it is true. */
  readonly check: (what: string, truth: boolean) => void
}

/** One rule of the contract. */
export interface Rule {
  readonly id: string
  readonly title: string
  readonly run: (world: World) => Promise<void>
}

/** What is done at once is done within this time, in milliseconds. */
const AT_ONCE_MS = 2_000

const knows = (member: Member, other: Member) => member.present.has(other.id)
/** Waits until these members know each other. */
async function gather({ until }: World, ...members: readonly Member[]): Promise<void> {
  for (const member of members)
    for (const other of members)
      if (member !== other) await until('everyone is told of everyone', () => knows(member, other))
}
const isOnline = ({ signaling }: RigClient) => signaling.getSnapshot().status === 'online'
const offer = (body: string) => ({ type: 'offer', body }) as const

/** The rules of `docs/room-signaling.md`. */
export const signalingRules: readonly Rule[] = [
  {
    id: 'G1',
    title: '`self` is known before the first event, stays the same, and differs for each client',
    async run(world) {
      const ada = await world.enter('Ada')
      const bob = await world.enter('Bob')
      const before = [ada.id, bob.id]
      world.check('two clients have different ids', ada.id !== bob.id)
      await gather(world, ada, bob)
      world.check('`self` stays the same', ada.id === before[0] && bob.id === before[1])
      for (const { id, selves } of [ada, bob])
        world.check('`self` is known at each event', selves.size === 1 && selves.has(id))
    },
  },
  {
    id: 'G2',
    title: 'of two members each is told of the other once, and exactly one of the other as the newcomer',
    async run(world) {
      const members = [await world.enter('Ada')]
      // The next two come at once.
      members.push(...(await Promise.all(['Bob', 'Cyd'].map((name) => world.enter(name)))))
      members.push(await world.enter('Dan'))
      await gather(world, ...members)
      await world.pause()
      for (const member of members)
        for (const other of members) {
          if (member === other) continue
          const [own, theirs] = [member.joins(other.id), other.joins(member.id)]
          world.check('everyone is told of everyone once', own.length === 1)
          world.check('exactly one of two is the newcomer', own[0]?.newcomer !== theirs[0]?.newcomer)
        }
      const [ada, , , dan] = members as [Member, Member, Member, Member]
      world.check('who was there is not told of as a newcomer', dan.joins(ada.id)[0]?.newcomer === false)
      world.check(
        'nobody is told of themselves',
        members.every((member) => member.joins(member.id).length === 0),
      )
    },
  },
  {
    id: 'G3',
    title: 'a member is described as it entered: name, instance, capabilities, `here`',
    async run(world) {
      const ada = await world.enter('Ada Lovelace')
      const bob = await world.enter('鲍勃 🐻')
      await gather(world, ada, bob)
      for (const [member, other, name] of [
        [ada, bob, '鲍勃 🐻'],
        [bob, ada, 'Ada Lovelace'],
      ] as const) {
        const info = member.present.get(other.id)
        world.check('the name is as given', info?.name === name)
        world.check('the instance is as given', info?.instance === other.signaling.instance)
        world.check('a member that is there is `here`', info?.state === 'here')
        const given = JSON.stringify(Object.entries(other.signaling.capabilities).toSorted())
        world.check(
          'the capabilities are as given',
          JSON.stringify(Object.entries(info?.capabilities ?? {}).toSorted()) === given,
        )
      }
    },
  },
  {
    id: 'G4',
    title: 'signals arrive once, whole and in order, at their receiver only, from who sent them',
    async run(world) {
      const [ada, bob, cyd] = [await world.enter('Ada'), await world.enter('Bob'), await world.enter('Cyd')]
      await gather(world, ada, bob, cyd)
      const bodies = Array.from({ length: 60 }, (_, n) => `${n} ${'“\n{"x":1}\u0000🐻'.repeat(n)}`)
      bodies.push('x'.repeat(48_000))
      // As WebRTC does: candidates between descriptions.
      const types = ['offer', 'ice_candidate', 'answer'] as const
      const sent = bodies.map((body, n): Signal => ({ type: types[n % types.length] ?? 'offer', body }))
      for (const signal of sent) for (const from of [ada, cyd]) from.membership.send(bob.id, signal)
      await world.until('the last signals arrive', () =>
        [ada, cyd].every((from) => bob.heard(from.id).length >= sent.length),
      )
      await world.pause()
      for (const from of [ada, cyd]) {
        world.check(
          'each arrives once, whole and in order',
          JSON.stringify(bob.bodies(from.id)) === JSON.stringify(bodies),
        )
        world.check(
          'the type is as sent',
          bob.heard(from.id).every(({ type }, n) => type === sent[n]?.type),
        )
      }
      world.check(
        'nobody else hears them',
        [ada, cyd].every(({ events }) => events.every(({ type }) => type !== 'signal')),
      )
    },
  },
  {
    id: 'G5',
    title: 'a signal to nobody, to oneself, or to someone who has left is dropped, and nothing is thrown',
    async run(world) {
      const [ada, bob] = [await world.enter('Ada'), await world.enter('Bob')]
      await gather(world, ada, bob)
      const cyd = await world.enter('Cyd')
      const gone = cyd.id
      cyd.membership.leave()
      await world.until('who left is gone', () => !ada.present.has(gone))
      for (const to of ['x'.repeat(22) as typeof gone, ada.id, gone]) ada.membership.send(to, offer('lost'))
      ada.membership.send(bob.id, offer('after'))
      await world.until('signals to others go on', () => bob.bodies(ada.id).includes('after'))
      await world.pause()
      const wrongly = [ada, cyd].some((member) => member.heard(ada.id).length > 0)
      world.check('nobody gets them', !wrongly && bob.bodies(ada.id).length === 1)
    },
  },
  {
    id: 'G6',
    title: 'a member that leaves is removed as `left` at once, hears nothing more, and may enter again',
    async run(world) {
      const [ada, bob] = [await world.enter('Ada'), await world.enter('Bob')]
      await gather(world, ada, bob)
      bob.membership.leave()
      bob.membership.leave()
      await world.until('who leaves is removed', () => !knows(ada, bob), AT_ONCE_MS)
      const removal = ada.events.find((event) => event.type === 'peer_removed')
      world.check('the reason is `left`', removal?.type === 'peer_removed' && removal.reason === 'left')
      const heard = bob.events.length
      ada.membership.send(bob.id, offer('too late'))
      const cyd = await world.enter('Cyd')
      await gather(world, ada, cyd)
      await world.pause()
      world.check('who has left hears nothing more', bob.events.length === heard)
      const again = new Member(bob.client, 'room', 'Bob')
      await gather(world, ada, cyd, again)
      world.check('who enters again is told of anew', ada.joins(again.id).length === 2)
      cyd.membership.leave()
      await world.until('who leaves is removed', () => !knows(ada, cyd) && !knows(again, cyd), AT_ONCE_MS)
      // Whatever Bob is still to be told of Cyd as a member that has left, it enters as another.
      const back = new Member(cyd.client, 'room', 'Cyd')
      again.membership.leave()
      const anew = new Member(bob.client, 'room', 'Bob')
      await gather(world, ada, back, anew)
      await world.pause()
      const [own, theirs] = [anew.joins(back.id), back.joins(anew.id)]
      world.check('who enters again is told of everyone once', own.length === 1)
      world.check('one of two is the newcomer when one enters again', own[0]?.newcomer !== theirs.at(-1)?.newcomer)
    },
  },
  {
    id: 'G7',
    title: 'a member that crashes is removed as `lost` in time; one that closes, as `left`',
    async run(world) {
      const [ada, bob, cyd] = [await world.enter('Ada'), await world.enter('Bob'), await world.enter('Cyd')]
      await gather(world, ada, bob, cyd)
      const gone = [bob.id, cyd.id]
      await bob.client.crash()
      await cyd.client.close()
      await world.until(
        'who has crashed is removed',
        () => !ada.present.has(gone[0] as typeof ada.id),
        world.lostWithinMs,
      )
      await world.until('who has closed is removed', () => !ada.present.has(gone[1] as typeof ada.id))
      const reasons = gone.map((id) => ada.events.find((event) => event.type === 'peer_removed' && event.id === id))
      world.check('a crash is `lost`', reasons[0]?.type === 'peer_removed' && reasons[0].reason === 'lost')
      world.check('a goodbye is `left`', reasons[1]?.type === 'peer_removed' && reasons[1].reason === 'left')
      world.check('closed is final', cyd.signaling.getSnapshot().status === 'closed')
    },
  },
  {
    id: 'G8',
    title: 'a client whose connection breaks says so, comes back as the same member, and misses nobody',
    async run(world) {
      const [ada, bob, dan] = [await world.enter('Ada'), await world.enter('Bob'), await world.enter('Dan')]
      await gather(world, ada, bob, dan)
      const { id } = bob
      const seen: string[] = []
      bob.signaling.subscribe(() => seen.push(bob.signaling.getSnapshot().status))
      await bob.client.cut()
      dan.membership.leave()
      const cyd = await world.enter('Cyd')
      await world.until(
        'it says that it is not online',
        () => seen.some((status) => status !== 'online'),
        world.lostWithinMs,
      )
      await world.until('it is online again', () => isOnline(bob.client), world.lostWithinMs)
      await gather(world, ada, bob, cyd)
      await world.until('who has left meanwhile is gone', () => !bob.present.has(dan.id), world.lostWithinMs)
      world.check('it has the same id', bob.id === id)
      const hasLeft = ada.events.some(
        (event) => event.type === 'peer_removed' && event.id === id && event.reason === 'left',
      )
      world.check('it has not left', !hasLeft)
      world.check('it is the same page load', ada.present.get(bob.id)?.instance === bob.signaling.instance)
      world.check('nobody is listed twice', bob.joins(cyd.id).length === 1)
      bob.membership.send(ada.id, offer('from one who is back'))
      ada.membership.send(bob.id, offer('to one who is back'))
      await world.until('signals go both ways', () =>
        [
          [ada, bob, 'from one who is back'],
          [bob, ada, 'to one who is back'],
        ].every(([to, from, body]) => (to as Member).bodies((from as Member).id).includes(body as string)),
      )
    },
  },
  {
    id: 'G9',
    title: 'rooms know nothing of each other',
    async run(world) {
      const [ada, bob] = [await world.enter('Ada'), await world.enter('Bob')]
      const eve = await world.enter('Eve', 'another-room')
      await gather(world, ada, bob)
      eve.membership.send(ada.id, offer('from elsewhere'))
      ada.membership.send(bob.id, offer('here'))
      await world.until('signals in the room go on', () => bob.bodies(ada.id).includes('here'))
      await world.pause()
      world.check(
        'nobody is told of those in another room',
        [ada, bob].every((member) => !knows(member, eve)),
      )
      world.check('who is elsewhere is told of nobody', eve.events.length === 0)
      world.check('no signal goes from room to room', ada.heard(eve.id).length === 0)
    },
  },
]
