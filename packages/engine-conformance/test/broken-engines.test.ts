import { asHost, type Beat, type Engine, type EngineStore, type Post } from '@patchbay/core/engine'
import { expect, test } from 'vitest'
import { type Defect, engineRules, memoryRig, World } from '../src/index.ts'

/** Replaces some acts of a store. */
const store = (change: (of: EngineStore) => Partial<EngineStore>): Defect => ({
  store: (of) => {
    const acts = change(of)
    return new Proxy(of, { get: (_, name: keyof EngineStore) => acts[name] ?? of[name] })
  },
})

/** Replaces some methods of an engine. */
const engine = (change: (of: Engine) => Partial<Engine>): Defect => ({
  engine: (of) => {
    const methods = change(of)
    return new Proxy(of, {
      get: (_, name: keyof Engine) => {
        const value = methods[name] ?? of[name]
        return typeof value === 'function' ? value.bind(of) : value
      },
    })
  },
})

/** A defect for each rule, and the rule that must notice it. */
const defects: readonly (readonly [string, string, Defect])[] = [
  ['E1', 'counts nobody', store((of) => ({ enter: (room, seat, _, title) => of.enter(room, seat, 1_000, title) }))],
  [
    'E1',
    'has no place for whoever is in it',
    store((of) => ({ enter: (room, seat, max, title) => of.enter(room, seat, max - 1, title) })),
  ],
  [
    'E2',
    'makes each node the home',
    store((of) => ({ claim: async (peer, node) => of.claim(peer, node, await of.claim(peer, node)) })),
  ],
  [
    'E2',
    'releases a peer for others',
    store((of) => ({ release: async (peer, node) => of.release(peer, await of.claim(peer, node)) })),
  ],
  [
    'E3',
    'delivers in another order',
    store((of) => ({
      listen: (node, take) =>
        of.listen(node, ({ from, n, texts }: Post) => take({ from, n, texts: texts.toReversed() })),
    })),
  ],
  [
    'E3',
    'hides that something is missing',
    engine((of) => ({ start: (on) => of.start({ ...on, gap: () => undefined }) })),
  ],
  [
    'E4',
    'remembers the dead',
    (() => {
      const known = new Set<string>()
      return store((of) => ({
        beat: async (node, leaseMs): Promise<Beat> => {
          const beat = await of.beat(node, leaseMs)
          for (const one of beat.alive) known.add(one)
          return { ...beat, alive: [...known] }
        },
      }))
    })(),
  ],
  [
    'E5',
    'does not say that a node was away',
    engine((of) => ({ start: (on) => of.start({ ...on, reset: () => undefined }) })),
  ],
  [
    'E6',
    'takes everybody for dead who has not come back yet',
    engine((of) => ({
      start: (on) => of.start({ ...on, reset: () => (on.reset(), on.nodes(new Set([of.node]))) }),
    })),
  ],
  [
    'E7',
    'does not do later what could not be done',
    store((of) => ({ remove: (...args) => of.remove(...args).catch(() => undefined) })),
  ],
  [
    'E7',
    'lets joins wait for ever',
    engine((of) => ({
      enter: async (...args) => {
        const outcome = await of.enter(...args)
        return outcome === 'busy' ? new Promise(() => undefined) : outcome
      },
    })),
  ],
  [
    'E8',
    'keeps the changes to itself',
    store((of) => ({ post: async (node, post) => (post.texts.length > 0 ? undefined : of.post(node, post)) })),
  ],
  [
    'E8',
    'loses the last, and hides that it is missing',
    engine((of) => ({ start: (on) => of.start({ ...on, frame: () => undefined, gap: () => undefined }) })),
  ],
  [
    'E9',
    'always claims to know everybody',
    engine((of) => ({
      read: async (room) => {
        const snapshot = await of.read(room)
        return snapshot === 'busy' ? snapshot : { ...snapshot, isComplete: true }
      },
    })),
  ],
  [
    'E10',
    'believes everything',
    engine((of) => ({
      start: (on) => of.start({ ...on, frame: (from, frame) => (on.frame(from, frame), on.frame(from, frame)) }),
    })),
  ],
  [
    'E11',
    'does not notice that nothing comes',
    store((of) => {
      let taking: ((post: Post) => void) | undefined
      return {
        listen: (node, take) => of.listen(node, (taking = take)),
        post: async (node, post) => (post.from === node ? taking?.(post) : of.post(node, post)),
      }
    }),
  ],
  [
    'E12',
    'goes without a word',
    store((of) => ({
      end: async () => undefined,
      post: async (node, post) => (post.texts[0] === '3' ? undefined : of.post(node, post)),
    })),
  ],
  [
    'E13',
    'makes everybody a host',
    store((of) => ({ enter: (...args) => of.enter(args[0], asHost(args[1]), args[2], {}) })),
  ],
  [
    'E13',
    'lets anybody with a key rule over those who are there',
    store((of) => ({
      enter: (room, seat, max, opening) => of.enter(room, seat, max, { ...opening, afterOthers: true }),
    })),
  ],
  [
    'E13',
    'lets newcomers into a locked room',
    engine((of) => ({ rule: async (room, change) => (change.type === 'lock' ? 'done' : of.rule(room, change)) })),
  ],
  ['E13', 'does not put rules again', store((of) => ({ put: (room, seat) => of.put(room, seat, {}) }))],
  [
    'E13',
    'tells nobody of rules that have come back',
    store((of) => ({
      put: async (...args) => {
        const change = await of.put(...args)
        return change && { ...change, isRuled: false }
      },
    })),
  ],
  [
    'E14',
    'forgets the rules with the last seat of a node that is gone',
    store((of) => ({ remove: (room, peer, session) => of.remove(room, peer, session, 0) })),
  ],
  [
    'E14',
    'keeps the rules of the dead for ever',
    (() => {
      const known = new Set<string>()
      return store((of) => ({
        beat: async (node, leaseMs): Promise<Beat> => {
          const beat = await of.beat(node, leaseMs)
          for (const one of beat.lately) known.add(one)
          return { ...beat, lately: [...known] }
        },
      }))
    })(),
  ],
  [
    'E14',
    'waits for ever for those who were moving when the last node shut down',
    (() => {
      const moving = new Map<string, Parameters<EngineStore['put']>>()
      return store((of) => ({
        async put(...args) {
          if (args[1].state === 'moving') moving.set(args[0], args)
          return of.put(...args)
        },
        async beat(...args) {
          for (const put of moving.values()) await of.put(...put)
          return of.beat(...args)
        },
      }))
    })(),
  ],
]

test.each(defects)('[%s] notices an engine that %s', async (id, _, defect) => {
  const rule = engineRules.find((one) => one.id === id)
  const rig = memoryRig(defect)
  await expect(Promise.resolve().then(() => rule?.run(new World(rig)))).rejects.toThrow()
})

test('every rule has a defect', () => {
  expect(new Set(defects.map(([id]) => id))).toEqual(new Set(engineRules.map(({ id }) => id)))
})
