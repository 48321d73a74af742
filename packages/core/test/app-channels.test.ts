import { runInNewContext } from 'node:vm'
import { Random } from '@patchbay/fault-proxy'
import type { PeerId } from '@patchbay/protocol'
import { describe, expect, test, vi } from 'vitest'
import { ChannelError, type ChannelOptions, Mesh, type Schema } from '../src/mesh/index.ts'
import { InvalidFieldError } from '../src/signaling/index.ts'
import { FakeInternet } from './simulator/fake-internet.ts'
import { FakePeerConnection } from './simulator/fake-peer-connection.ts'
import { World } from './support/world.ts'

/** So many people in a room, connected, each with a channel of that name. */
async function meeting<T>(names: readonly string[], options: ChannelOptions<T> = {}) {
  const world = new World()
  const internet = new FakeInternet<FakePeerConnection>(world.clock, new Random(1))
  const people = names.map((name) => {
    const { client } = world.connect()
    const createPeerConnection = () => new FakePeerConnection(name, internet) as unknown as RTCPeerConnection
    const mesh = new Mesh({
      signaling: client,
      entry: { room: 'room', name },
      createPeerConnection,
      clock: world.clock,
    })
    const channel = mesh.channel<T>('cursor', options)
    const heard: unknown[] = []
    channel.onMessage((value, from) =>
      heard.push([mesh.getSnapshot().find(({ info }) => info.id === from)?.info.name, value]),
    )
    return { client, mesh, channel, heard, idOf: (other: string) => idIn(mesh, other) }
  })
  await world.clock.advance(5_000)
  return { world, people: people as [(typeof people)[0], (typeof people)[0], ...typeof people] }
}

function idIn(mesh: Mesh, name: string): PeerId {
  const found = mesh.getSnapshot().find(({ info }) => info.name === name)
  if (found === undefined) throw new Error(`no ${name}`)
  return found.info.id
}

const ring = {}

describe('a message', () => {
  test.each<[string, unknown]>([
    ['an object', { x: 1, y: [true, null, 'ü'] }],
    ['a text', 'hello'],
    ['nothing', null],
    ['bytes', new Uint8Array([0, 255, 10])],
  ])('that is %s reaches everyone else as it was sent', async (_, value) => {
    const { world, people } = await meeting(['ada', 'bob', 'cyd'])
    const [ada, bob, cyd] = people
    expect(ada.channel.send(value)).toBe(true)
    await world.clock.advance(100)
    expect([bob.heard, cyd?.heard, ada.heard]).toEqual([[['ada', value]], [['ada', value]], []])
  })

  test('to one member reaches nobody else', async () => {
    const { world, people } = await meeting(['ada', 'bob', 'cyd'])
    const [ada, bob, cyd] = people
    ada.channel.send('psst', ada.idOf('bob'))
    await world.clock.advance(100)
    expect([bob.heard, cyd?.heard]).toEqual([[['ada', 'psst']], []])
  })

  test('on a channel that the other end does not have, or has closed, changes nothing', async () => {
    const { world, people } = await meeting(['ada', 'bob'])
    const [ada, bob] = people
    ada.mesh.channel('another').send('hello')
    bob.channel.close()
    ada.channel.send('hello')
    await world.clock.advance(3_000)
    expect(bob.heard).toEqual([])
    expect(bob.mesh.getSnapshot()[0]?.link.phase).toBe('connected')
  })

  test.each<[string, unknown]>([
    ['a function', () => {}],
    ['what refers to itself', Object.assign(ring, { ring })],
  ])('that is %s is refused where it is sent', async (_, value) => {
    const { people } = await meeting(['ada', 'bob'])
    expect(() => people[0].channel.send(value)).toThrow(expect.objectContaining({ field: 'value' }) as Error)
  })

  test('of more than 65,536 bytes is refused where it is sent', async () => {
    const { people } = await meeting(['ada', 'bob'])
    const [{ channel }] = people
    expect(channel.send(new Uint8Array(65_536))).toBe(true)
    expect(() => channel.send(new Uint8Array(65_537))).toThrow(new ChannelError('too_big'))
  })

  test('that the schema does not allow is dropped, and what it changes is heard changed, in order', async () => {
    let wait = 5
    const schema = {
      '~standard': {
        // The earlier, the longer it takes.
        validate: async (value: unknown) => {
          for (let i = (wait -= 1); i > 0; i -= 1) await Promise.resolve()
          return typeof value === 'number' ? { value: value * 2 } : { issues: ['not a number'] }
        },
      },
    }
    const { world, people } = await meeting<number>(['ada', 'bob'], { schema })
    const [ada, bob] = people
    for (const value of [1, 'two', 3]) ada.channel.send(value as number)
    await world.clock.advance(100)
    expect(bob.heard).toEqual([
      ['ada', 2],
      ['ada', 6],
    ])
  })

  test('reaches the other listeners when one of them throws', async () => {
    const { world, people } = await meeting(['ada', 'bob'])
    const [ada, bob] = people
    const reported = vi.spyOn(globalThis, 'queueMicrotask').mockImplementation(() => {})
    bob.channel.onMessage(() => {
      throw new Error('mine')
    })
    const later: unknown[] = []
    const stop = bob.channel.onMessage((value) => later.push(value))
    ada.channel.send(1)
    await world.clock.advance(100)
    stop()
    ada.channel.send(2)
    await world.clock.advance(100)
    expect(later).toEqual([1])
    expect(bob.heard).toHaveLength(2)
    expect(reported).toHaveBeenCalledTimes(2)
    reported.mockRestore()
  })
})

test('a listener that another one takes away is not called any more', async () => {
  const { world, people } = await meeting<number>(['ada', 'bob'])
  const [ada, bob] = people
  const heard: unknown[] = []
  const stops = [bob.channel.onMessage(() => stops.forEach((stop) => stop()))]
  stops.push(bob.channel.onMessage((value) => heard.push(value)))
  ada.channel.send(1)
  await world.clock.advance(100)
  expect(heard).toEqual([])
})

test.each(['ordered', 'latest'] as const)(
  'a channel with %s delivery sends nothing in a room that was left',
  async (delivery) => {
    const { world, people } = await meeting<string>(['ada', 'bob'], { delivery })
    const [ada, bob] = people
    ada.mesh.close()
    expect(ada.channel.send('too late')).toBe(false)
    await world.clock.advance(100)
    expect(bob.heard).toEqual([])
  },
)

test.each(['', 'x'.repeat(65), 'a b', 'ü'])('a channel cannot be called %j', async (name) => {
  const { people } = await meeting(['ada'])
  expect(() => people[0].mesh.channel(name)).toThrow(InvalidFieldError)
})

test('a channel that is closed twice leaves the next one of that name alone', async () => {
  const { world, people } = await meeting(['ada', 'bob'])
  const [ada, bob] = people
  bob.channel.close()
  const next = bob.mesh.channel('cursor')
  const heard: unknown[] = []
  next.onMessage((value) => heard.push(value))
  bob.channel.close()
  ada.channel.send(1)
  await world.clock.advance(100)
  expect(heard).toEqual([1])
})

test('a schema with promises of its own is awaited, and one that answers with nothing allows nothing, and holds up nothing', async () => {
  const Foreign = runInNewContext('Promise') as PromiseConstructor
  const schema: unknown = {
    '~standard': {
      validate(value: unknown) {
        if (value === 'nothing') return undefined
        return Foreign.resolve(value === 'later nothing' ? undefined : { value })
      },
    },
  }
  const { world, people } = await meeting<string>(['ada', 'bob'], { schema: schema as Schema<string> })
  const [ada, bob] = people
  for (const value of ['first', 'nothing', 'later nothing', 'last']) ada.channel.send(value)
  await world.clock.advance(100)
  expect(bob.heard).toEqual([
    ['ada', 'first'],
    ['ada', 'last'],
  ])
})

test('a schema that never comes to an end holds up one sender only, and not without bound', async () => {
  const schema = {
    '~standard': {
      validate: (value: unknown) => (value === 'stuck' ? new Promise<never>(() => {}) : { value: String(value) }),
    },
  }
  const { world, people } = await meeting<string>(['ada', 'bob', 'cyd'], { schema })
  const [ada, bob, cyd] = people
  for (const value of ['before', 'stuck', 'behind']) ada.channel.send(value)
  await world.clock.advance(100)
  cyd?.channel.send('from another')
  await world.clock.advance(100)
  expect(bob.heard).toEqual([
    ['ada', 'before'],
    ['cyd', 'from another'],
  ])
})

describe('a request', () => {
  test('is answered by the member that it goes to', async () => {
    const { world, people } = await meeting<{ a: number; b: number }>(['ada', 'bob'])
    const [ada, bob] = people
    bob.channel.onRequest(({ a, b }, from) => [a + b, bob.mesh.getSnapshot()[0]?.info.id === from])
    const answer = ada.channel.request({ a: 2, b: 3 }, ada.idOf('bob'))
    await world.clock.advance(100)
    expect(await answer).toEqual([5, true])
  })

  /** What a request comes to. */
  async function fails(
    act: (pair: Awaited<ReturnType<typeof meeting>>) => Promise<unknown>,
    advanceMs = 100,
  ): Promise<unknown> {
    const pair = await meeting<unknown>(['ada', 'bob'])
    const result = act(pair).then(
      () => 'answered',
      (error: unknown) => (error instanceof ChannelError ? error.code : error),
    )
    await pair.world.clock.advance(advanceMs)
    return result
  }
  const ask = ({ people: [ada] }: Awaited<ReturnType<typeof meeting>>, options = {}) =>
    ada.channel.request('?', ada.idOf('bob'), options)

  test('that nobody answers fails as `unsupported`', async () => {
    expect(await fails((pair) => ask(pair))).toBe('unsupported')
  })

  test('to someone who is not there fails as `unsupported`', async () => {
    expect(await fails(({ people: [ada] }) => ada.channel.request('?', 'x'.repeat(22) as PeerId))).toBe('unsupported')
  })

  test.each<[string, () => unknown]>([
    ['throws', () => Promise.reject(new Error('secret'))],
    ['answers with a function', () => () => {}],
    ['answers with too much', () => 'x'.repeat(70_000)],
  ])('whose handler %s fails as `failed`, and says no more', async (_, handler) => {
    const code = await fails((pair) => {
      pair.people[1].channel.onRequest(handler)
      return ask(pair)
    })
    expect(code).toBe('failed')
  })

  test('whose handler returns nothing is answered with null', async () => {
    const { world, people } = await meeting<unknown>(['ada', 'bob'])
    const [ada, bob] = people
    const saved: unknown[] = []
    bob.channel.onRequest((value) => void saved.push(value))
    const answer = ada.channel.request('save this', ada.idOf('bob'))
    const outcome = expect(answer).resolves.toBeNull()
    await world.clock.advance(100)
    await outcome
    expect(saved).toEqual(['save this'])
  })

  test('that is not answered in time fails as `timeout`, and the other end is told', async () => {
    const aborted: boolean[] = []
    const slow = (pair: Awaited<ReturnType<typeof meeting>>) => {
      pair.people[1].channel.onRequest(
        (_value, _from, signal) =>
          new Promise(() => signal.addEventListener('abort', () => aborted.push(signal.aborted))),
      )
      return pair
    }
    expect(await fails((pair) => ask(slow(pair)), 10_100)).toBe('timeout')
    expect(await fails((pair) => ask(slow(pair), { timeoutMs: 1_000 }), 1_100)).toBe('timeout')
    const reason = new Error('not needed any more')
    const control = new AbortController()
    const abandoned = fails((pair) => {
      pair.world.clock.after(500, () => control.abort(reason))
      return ask(slow(pair), { signal: control.signal })
    }, 600)
    expect(await abandoned).toBe(reason)
    expect(aborted).toEqual([true, true, true])
  })

  test('with a value that cannot be sent fails at once, and takes no place among those under way', async () => {
    const { world, people } = await meeting<unknown>(['ada', 'bob'])
    const [ada, bob] = people
    bob.channel.onRequest((value) => value)
    for (let i = 0; i < 70; i += 1) {
      await expect(ada.channel.request('x'.repeat(70_000), ada.idOf('bob'))).rejects.toThrow(
        new ChannelError('too_big'),
      )
      await expect(ada.channel.request(() => {}, ada.idOf('bob'))).rejects.toThrow(InvalidFieldError)
    }
    const answer = ada.channel.request('fine', ada.idOf('bob'))
    await world.clock.advance(100)
    expect(await answer).toBe('fine')
  })

  test.each([-1, Number.NaN, 2 ** 31, -Infinity])('that is to be waited for %d ms is refused', async (timeoutMs) => {
    const { people } = await meeting<unknown>(['ada', 'bob'])
    const [ada] = people
    await expect(ada.channel.request('?', ada.idOf('bob'), { timeoutMs })).rejects.toThrow(
      expect.objectContaining({ name: 'InvalidFieldError', field: 'timeoutMs' }) as Error,
    )
  })

  test('to someone who leaves before the answer fails as `gone`', async () => {
    const code = await fails((pair) => {
      pair.people[1].channel.onRequest(() => new Promise(() => {}))
      pair.world.clock.after(300, () => pair.people[1].mesh.close())
      return ask(pair)
    }, 1_000)
    expect(code).toBe('gone')
  })

  test('beyond 64 under way fails as `busy`, and goes through when there are fewer', async () => {
    const { world, people } = await meeting<number>(['ada', 'bob'])
    const [ada, bob] = people
    const answers: (() => void)[] = []
    bob.channel.onRequest((n) => new Promise((resolve) => answers.push(() => resolve(n))))
    const asked = Array.from({ length: 64 }, (_, n) => ada.channel.request(n, ada.idOf('bob')))
    await expect(ada.channel.request(64, ada.idOf('bob'))).rejects.toThrow(new ChannelError('busy'))
    await world.clock.advance(1_000)
    for (const answer of answers) answer()
    await world.clock.advance(1_000)
    expect(await Promise.all(asked)).toEqual(Array.from({ length: 64 }, (_, n) => n))
    const last = ada.channel.request(65, ada.idOf('bob'))
    await world.clock.advance(100)
    answers.at(-1)?.()
    await world.clock.advance(100)
    expect(await last).toBe(65)
  })
})
