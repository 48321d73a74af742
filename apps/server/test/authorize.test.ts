import { once } from 'node:events'
import { chosenPlugs } from '@patchbay/lines'
import { loadServerPlug } from '@patchbay/lines/serve'
import {
  closeCodes,
  createInstanceId,
  createPeerSecret,
  encode,
  fullCapabilities,
  MAX_TOKEN_LENGTH,
  PROTOCOL_VERSION,
} from '@patchbay/protocol'
import { joinRoom, type JoinOptions, type Room } from '@patchbay/room'
import { nodeDataChannel } from '@patchbay/room/node-datachannel'
import { type Authorize, type Grant, type LineSource, type PatchbayServer, startServer } from '@patchbay/server'
import { dialWebSocket } from '@patchbay/transport-websocket/client'
import * as v from 'valibot'
import { afterEach, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'

/** Every line of a deployment that sets nothing. */
const usual = chosenPlugs(undefined)
const noCredentials = () => Promise.reject(new Error('These lines have none.'))
const overWebSocket = (port: number) => dialWebSocket({ url: `ws://127.0.0.1:${port}/ws`, WebSocket })
const dialers = usual.map((plug) => {
  const dial = (port: number) =>
    plug.dialer(plug.settings({ server: `http://127.0.0.1:${port}`, environment: {} }), noCredentials)
  return [plug.name, plug.name === 'websocket' ? overWebSocket : dial] as const
})
const servedLines = usual.map((plug): LineSource => {
  return async (host) => {
    const line = await loadServerPlug(plug)
    return line.open(v.parse(line.environment, {}), host)
  }
})

const granted: Grant = {}
const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup()
})

async function serve(authorize: Authorize, failures: unknown[] = []): Promise<PatchbayServer> {
  const server = await startServer({
    port: 0,
    host: '127.0.0.1',
    lines: servedLines,
    newLinesPerSecond: 1_000,
    authorize,
    onEvent: (event) => event.type === 'handler_failed' && failures.push(event.error),
    drainSpreadMs: 0,
  })
  cleanups.push(() => server.close())
  return server
}

describe.each(dialers)('authorize over %s', (_, dial) => {
  const join = ({ port }: PatchbayServer, options: Partial<JoinOptions> = {}): Room => {
    const room = joinRoom({ lines: [dial(port)], room: 'friday', name: 'Ada', rtc: nodeDataChannel, ...options })
    cleanups.push(room.leave)
    return room
  }
  const line = (room: Room) => room.line.getSnapshot()
  const status = (room: Room) => line(room).status

  test('[A1] whoever has no token that is accepted is refused with `unauthorized`, and enters nothing', async () => {
    const server = await serve(({ token }) => (token === 'ada' ? granted : { refused: 'unauthorized' }))
    for (const token of [undefined, () => 'eve']) {
      const room = join(server, token && { token })
      await expect.poll(() => line(room)).toEqual({ status: 'closed', code: 'unauthorized' })
    }
    expect(closeCodes.unauthorized.sentence).toBe('The server does not accept the token.')
    expect(server.stats()).toEqual({ sessions: 0, rooms: 0 })
  })

  test('[A2] a grant lets in and gives the name that the others see', async () => {
    const visitors: unknown[] = []
    const server = await serve(async ({ token, remote, transport }) => {
      visitors.push([token, remote.address.replace('::ffff:', ''), transport])
      return { subject: token ?? '', name: `  ${token}  ` }
    })
    const ada = join(server, { token: () => Promise.resolve('Ada of the token') })
    const bob = join(server, { token: () => 'Bob of the token', name: 'Mallory' })
    await expect.poll(() => ada.peers.getSnapshot().map(({ info }) => info.name)).toEqual(['Bob of the token'])
    await expect.poll(() => bob.peers.getSnapshot().map(({ info }) => info.name)).toEqual(['Ada of the token'])
    expect(visitors).toContainEqual([
      'Ada of the token',
      expect.stringMatching(/127\.0\.0\.1|broker|websocket/),
      expect.any(String),
    ])
  })

  test('[A3] what the client sends while it is judged is handled afterwards, in order', async () => {
    let admit: () => void = () => {}
    const server = await serve(() => new Promise((resolve) => (admit = () => resolve({}))))
    const room = join(server)
    const asked = admit
    await expect.poll(() => admit).not.toBe(asked)
    expect([status(room), server.stats().rooms]).toEqual(['connecting', 0])
    admit()
    await expect.poll(() => room.membership.getSnapshot().status).toBe('joined')
  })

  test('[A4] a room that the grant does not name is refused with `forbidden`, and others can be entered', async () => {
    const server = await serve(({ token }) => ({ rooms: token === 'list' ? ['friday'] : (room) => room === 'friday' }))
    for (const token of ['list', 'function']) {
      const refused = join(server, { room: 'monday', token: () => token })
      await expect.poll(() => refused.membership.getSnapshot()).toEqual({ status: 'refused', code: 'forbidden' })
      expect(status(refused)).toBe('online')
      const entered = join(server, { token: () => token })
      await expect.poll(() => entered.membership.getSnapshot().status).toBe('joined')
    }
  })

  test('[A5] an authorize that throws or answers nonsense refuses for the moment, and disturbs nobody else', async () => {
    const failures: unknown[] = []
    let broken = true
    const answers: Record<string, () => never> = {
      throws: () => {
        throw new Error('no database')
      },
      nothing: () => undefined as never,
      word: () => 'yes' as never,
      code: () => ({ refused: 'go away' }) as never,
      name: () => ({ name: '\u200b' }) as never,
      time: () => ({ expiresInMs: Number.NaN }) as never,
      moment: () => ({ expiresInMs: '60000' }) as never,
      person: () => ({ subject: 7 }) as never,
      nobody: () => ({ name: null }) as never,
      // Of a string, any part would be one of the rooms.
      text: () => ({ rooms: 'friday' }) as never,
      set: () => ({ rooms: new Set(['friday']) }) as never,
    }
    const server = await serve(
      ({ token = '' }) => (broken && token in answers ? (answers[token] as () => never)() : {}),
      failures,
    )
    const fine = join(server, { token: () => 'fine' })
    await expect.poll(() => status(fine)).toBe('online')
    const others = Object.keys(answers).map((token) => join(server, { token: () => token }))
    for (const room of others)
      await expect.poll(() => line(room)).toMatchObject({ status: 'reconnecting', cause: 'internal_error' })
    expect(failures.length).toBeGreaterThanOrEqual(others.length)
    expect(status(fine)).toBe('online')
    broken = false
    for (const room of others) await expect.poll(() => status(room), { timeout: 10_000 }).toBe('online')
  })

  test('[A6] an authorize that never answers is given up after 3 s', async () => {
    const failures: unknown[] = []
    let hangs = true
    const server = await serve(() => (hangs ? new Promise(() => {}) : {}), failures)
    const room = join(server)
    await expect.poll(() => failures, { timeout: 8_000 }).toHaveLength(1)
    expect(String(failures[0])).toContain('authorize did not answer in 3000 ms')
    hangs = false
    await expect.poll(() => status(room), { timeout: 10_000 }).toBe('online')
  })

  test('[A7] a token that expires ends the session with `token_expired`; with a new one the client is back, and its call was never gone', async () => {
    let short = true
    const server = await serve(({ token }) => (token === 'short' ? { expiresInMs: 1_500 } : {}))
    // It does not renew in time: the second token comes too late.
    let late: Promise<string> | undefined
    const longLater = () => (late ??= new Promise((resolve) => setTimeout(() => resolve('long'), 2_500)))
    const ada = join(server, { token: () => (short ? ((short = false), 'short') : longLater()) })
    const causes: string[] = []
    const stop = ada.line.subscribe(() => {
      const state = line(ada)
      if (state.status === 'reconnecting') causes.push(state.cause)
    })
    const bob = join(server, { name: 'Bob' })
    const connected = () => ada.peers.getSnapshot().filter(({ link }) => link.phase === 'connected').length
    await expect.poll(connected, { timeout: 10_000 }).toBe(1)
    const id = bob.client.self
    const pc = id && ada.mesh.connectionTo(id)
    await expect.poll(() => causes, { timeout: 5_000 }).toContain('token_expired')
    await expect.poll(() => status(ada), { timeout: 10_000 }).toBe('online')
    stop()
    await expect.poll(() => ada.membership.getSnapshot().status).toBe('joined')
    expect(id && ada.mesh.connectionTo(id)).toBe(pc)
    const heard: string[] = []
    bob.onMessage((text) => heard.push(text))
    ada.send('still here')
    await expect.poll(() => heard).toEqual(['still here'])
  })

  test('[A8] a token is renewed on the living session before it expires', async () => {
    const tokens: (string | undefined)[] = []
    const server = await serve(({ token }) => {
      tokens.push(token)
      return { subject: 'ada', expiresInMs: 3_000 }
    })
    let n = 0
    const room = join(server, { token: () => `token ${(n += 1)}` })
    await expect.poll(() => status(room)).toBe('online')
    const states: string[] = []
    room.line.subscribe(() => states.push(status(room)))
    await expect.poll(() => tokens.length, { timeout: 10_000 }).toBe(3)
    expect(tokens).toEqual(['token 1', 'token 2', 'token 3'])
    expect(states.filter((state) => state !== 'online')).toEqual([])
  })

  test('[A9] a renewal that is refused ends the session', async () => {
    let refused = false
    const server = await serve(() => (refused ? { refused: 'unauthorized' } : { expiresInMs: 3_000 }))
    const room = join(server, { token: () => 'token' })
    await expect.poll(() => status(room)).toBe('online')
    refused = true
    await expect.poll(() => line(room), { timeout: 5_000 }).toEqual({ status: 'closed', code: 'unauthorized' })
    expect(server.stats().sessions).toBe(0)
  })

  test('[A10] a session is resumed with a token of the same subject only', async () => {
    let subject = 'ada'
    const server = await serve(() => ({ subject }))
    const dialer = dial(server.port)
    const lines: { close(): void }[] = []
    const dialKept: typeof dialer.dial = async (handlers, how) => {
      const opened = await dialer.dial(handlers, how)
      lines.push(opened)
      return opened
    }
    const room = join(server, { lines: [{ name: dialer.name, dial: dialKept }] })
    await expect.poll(() => status(room)).toBe('online')
    lines[0]?.close()
    await expect.poll(() => lines.length).toBe(2)
    await expect.poll(() => status(room)).toBe('online')
    subject = 'eve'
    lines[1]?.close()
    await expect.poll(() => line(room), { timeout: 10_000 }).toEqual({ status: 'closed', code: 'forbidden' })
  })

  test.each<[string, () => string | Promise<string>, string]>([
    ['is rejected', () => Promise.reject(new Error('not signed in')), 'There is no token: not signed in'],
    [
      'is too long',
      () => 'x'.repeat(MAX_TOKEN_LENGTH + 1),
      `There is no token: \`token\` must be 1 to ${MAX_TOKEN_LENGTH} characters when written in JSON.`,
    ],
    [
      'is empty',
      () => '',
      `There is no token: \`token\` must be 1 to ${MAX_TOKEN_LENGTH} characters when written in JSON.`,
    ],
  ])('[A11] a token that %s is told to the application, and asked for again', async (_what, first, sentence) => {
    const server = await serve(() => ({}))
    let failing = true
    const room = join(server, { token: () => (failing ? first() : 'token') })
    await expect
      .poll(() => line(room))
      .toMatchObject({ status: 'reconnecting', cause: 'no_token', error: { message: sentence } })
    failing = false
    await expect.poll(() => status(room), { timeout: 10_000 }).toBe('online')
  })
})

test('[A12] a `rooms` that throws at a renewal allows nothing, is told to the application, and ends no session', async () => {
  const failures: unknown[] = []
  let asked = 0
  const server = await serve(({ token }) => {
    if (token !== 'renewed') return {}
    asked += 1
    // Entering asks first, then the renewal.
    let calls = 0
    return {
      expiresInMs: 2_000,
      rooms: () => {
        if ((calls += 1) > 1 || asked > 1) throw new Error('no such record')
        return true
      },
    }
  }, failures)
  const other = joinRoom({ lines: [overWebSocket(server.port)], room: 'friday', name: 'Bob', rtc: nodeDataChannel })
  const room = joinRoom({
    lines: [overWebSocket(server.port)],
    room: 'friday',
    name: 'Ada',
    rtc: nodeDataChannel,
    token: () => 'renewed',
  })
  cleanups.push(room.leave, other.leave)
  await expect.poll(() => failures.map(String), { timeout: 8_000 }).toContain('Error: no such record')
  expect([other, room].map(({ line }) => line.getSnapshot().status)).toEqual(['online', 'online'])
})

describe('a hostile client that is being judged', () => {
  const hello = (token: string) => {
    const identity = { secret: createPeerSecret(), instance: createInstanceId(), capabilities: fullCapabilities }
    return encode({ type: 'hello', version: PROTOCOL_VERSION, ...identity, token })
  }
  async function raw({ port }: PatchbayServer) {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/ws?line=raw`, 'patchbay.1')
    const codes: string[] = []
    socket.on('error', () => {})
    socket.on('message', (data: Buffer) => {
      const { type, code } = JSON.parse(data.toString().split('\n')[0] ?? '') as { type: string; code?: string }
      codes.push(code ?? type)
    })
    await once(socket, 'open')
    cleanups.push(() => socket.terminate())
    return { socket, codes }
  }

  test.each<[string, (send: (text: string) => void) => void, string]>([
    [
      'sends 65 frames',
      (send) => Array.from({ length: 65 }, () => send(encode({ type: 'leave', room: 'r' as never }))),
      'rate_limited',
    ],
    [
      'sends 64 KiB',
      (send) => {
        for (let i = 0; i < 2; i += 1) send('x'.repeat(40_000))
      },
      'rate_limited',
    ],
    ['greets a second time', (send) => send(hello('again')), 'bad_message'],
    ['sends rubbish', (send) => send('rubbish'), 'bad_message'],
  ])('that %s gets a typed refusal, and others are not disturbed', async (_what, act, code) => {
    let admit: () => void = () => {}
    const server = await serve(({ token }) =>
      token === 'slow' ? new Promise((resolve) => (admit = () => resolve({}))) : {},
    )
    const other = await raw(server)
    other.socket.send(hello('fast'))
    await expect.poll(() => other.codes).toContain('welcome')
    const evil = await raw(server)
    const before = admit
    evil.socket.send(hello('slow'))
    await expect.poll(() => admit).not.toBe(before)
    act((text) => evil.socket.send(text))
    if (code === 'bad_message') admit()
    await expect.poll(() => evil.codes).toContain(code)
    expect(other.socket.readyState).toBe(WebSocket.OPEN)
  })

  test('that has a token of 8 KiB and one more is refused before it is judged', async () => {
    let asked = 0
    const server = await serve(() => ((asked += 1), {}))
    const longest = await raw(server)
    longest.socket.send(hello('x'.repeat(MAX_TOKEN_LENGTH)))
    await expect.poll(() => longest.codes).toEqual(['welcome'])
    const longer = await raw(server)
    longer.socket.send(hello('x'.repeat(MAX_TOKEN_LENGTH + 1)))
    await expect.poll(() => longer.codes).toEqual(['bad_message'])
    expect(asked).toBe(1)
  })

  test('that leaves is forgotten, whatever authorize says later', async () => {
    let admit: () => void = () => {}
    const failures: unknown[] = []
    const server = await serve(() => new Promise((resolve) => (admit = () => resolve({}))), failures)
    const evil = await raw(server)
    const before = admit
    evil.socket.send(hello('slow'))
    await expect.poll(() => admit).not.toBe(before)
    evil.socket.terminate()
    await once(evil.socket, 'close')
    const first = admit
    first()
    const next = await raw(server)
    next.socket.send(hello('next'))
    await expect.poll(() => admit).not.toBe(first)
    expect([server.stats(), failures]).toEqual([{ sessions: 0, rooms: 0 }, []])
  })

  test('that renews 1 000 times at once is judged once at a time, and limited', async () => {
    let pending = 0
    let most = 0
    const server = await serve(async ({ token }) => {
      pending += 1
      most = Math.max(most, pending)
      if (token !== 'first') await new Promise((resolve) => setTimeout(resolve, 20))
      pending -= 1
      return {}
    })
    const evil = await raw(server)
    evil.socket.send(hello('first'))
    await expect.poll(() => evil.codes).toContain('welcome')
    for (let i = 0; i < 1_000; i += 1) evil.socket.send(encode({ type: 'renew_token', token: 'next' }))
    await expect.poll(() => evil.codes).toContain('rate_limited')
    expect(most).toBe(1)
  })
})
