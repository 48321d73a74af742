import { createHmac } from 'node:crypto'
import { SignalingClient } from '@patchbay/core/client'
import { askForCredentials } from '@patchbay/core/transport'
import { createInstanceId, createPeerSecret, randomToken } from '@patchbay/protocol'
import { type PatchbayServer, startServer, type Visitor } from '@patchbay/server'
import { findProgram } from '@patchbay/test-servers'
import * as v from 'valibot'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { Agent } from '../src/agent.ts'
import { dialSip } from '../src/client.ts'
import { line } from '../src/serve.ts'
import { readLogin, type SipLogin } from '../src/wire.ts'
import { hasKamailioPersons, type Kamailio, startKamailio } from './support/kamailio.ts'
import { RawSip } from './support/raw-sip.ts'

const secret = 'shared with the exchange'
const isThere = findProgram('kamailio') !== undefined && hasKamailioPersons()

// Installed by `pnpm test`; skipped where the package manager does not have it.
describe.skipIf(!isThere)('accounts of persons, with Kamailio', () => {
  let kamailio: Kamailio
  let server: PatchbayServer
  let origin: string
  const visitors: Visitor[] = []
  const logged: unknown[] = []
  const cleanups: (() => unknown)[] = []
  const events: string[] = []
  /** How long the grant is valid when an account is asked for. */
  let accountMs: number | undefined

  beforeAll(async () => {
    kamailio = await startKamailio(secret)
  })
  afterAll(() => kamailio.stop())
  beforeEach(async () => {
    visitors.length = logged.length = events.length = 0
    accountMs = undefined
    const environment = {
      SIP_URL: `ws://127.0.0.1:${kamailio.port}`,
      SIP_URI: kamailio.server.uri,
      SIP_PASSWORD: kamailio.server.password,
      SIP_SECRET: secret,
    }
    const log = (...what: unknown[]) => void logged.push(what)
    server = await startServer({
      port: 0,
      host: '127.0.0.1',
      path: '/rooms',
      lines: [(host) => line.open(v.parse(line.environment, environment), host)],
      authorize(visitor) {
        visitors.push(visitor)
        const forAccount = visitor.peer === undefined && accountMs !== undefined && { expiresInMs: accountMs }
        if (visitor.token === 'of Ada') return { subject: 'ada@example.org' }
        if (visitor.token === 'of Bob') return { subject: 'bob', ...forAccount }
        return { refused: visitor.token === 'old' ? 'token_expired' : 'unauthorized' }
      },
      onEvent: ({ type }) => void events.push(type),
      log: { info: log, error: log },
      brokerLines: 30,
      drainSpreadMs: 0,
    })
    origin = `http://127.0.0.1:${server.port}`
    await expect.poll(async () => (await fetch(`${origin}/readyz`)).status).toBe(200)
  })
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0)) cleanup()
    await server.close()
  })

  const where = () => ({ url: `ws://127.0.0.1:${kamailio.port}`, server: kamailio.server.uri, WebSocket })
  const credentialsFor = (token: string) =>
    askForCredentials({ server: `${origin}/rooms`, line: 'sip', token: () => token })
  const accountOf = async (token: string): Promise<SipLogin> => {
    const login = readLogin(await credentialsFor(token)({ signal: AbortSignal.timeout(5_000) }))
    if (login === undefined) throw new Error('no account')
    return login
  }
  const userOf = ({ uri }: SipLogin) => uri.slice('sip:'.length).split('@')[0] ?? ''
  const raw = () => {
    const one = new RawSip(kamailio.port)
    cleanups.push(() => one.socket.terminate())
    return one
  }
  /** As the server makes them, with whatever somebody else makes of it. */
  const forge = (username: string, key = secret): SipLogin => ({
    uri: `sip:${username.split(':')[1]}@exchange.example`,
    username,
    password: createHmac('sha1', key).update(username).digest('base64'),
  })
  const inSeconds = (seconds: number) => String(Math.round(Date.now() / 1_000) + seconds)
  async function come(token: string) {
    const client = new SignalingClient({
      dialers: [dialSip({ ...where(), credentials: credentialsFor(token) })],
      secret: createPeerSecret(),
      instance: createInstanceId(),
      token: () => token,
    })
    cleanups.push(() => client.close())
    await expect.poll(() => client.getSnapshot().status, { timeout: 5_000 }).toBe('online')
    return client
  }

  test('each person comes in with an account of their own, the same each time, which says nothing of them', async () => {
    await Promise.all([come('of Ada'), come('of Bob')])
    await come('of Ada')
    const addresses = visitors
      .filter(({ peer }) => peer !== undefined)
      .map(({ remote }) => remote.address.split('/')[0])
    expect(new Set(addresses).size).toBe(2)
    expect(addresses).toHaveLength(3)
    const ada = await accountOf('of Ada')
    expect(addresses).toContain(`sip:${userOf(ada)}@exchange.example`)
    expect(JSON.stringify(ada)).not.toContain('ada@')
    expect(userOf(await accountOf('of Ada'))).toBe(userOf(ada))
  })

  test('nobody speaks as another person: neither registered as one, nor on the line of one', async () => {
    const [ada, bob] = [await accountOf('of Ada'), await accountOf('of Bob')]
    // With Bob's password, for Ada's address.
    expect(await raw().register({ ...bob, uri: ada.uri })).toMatch(/^SIP\/2.0 403 /)
    // As Bob, from Ada.
    const one = raw()
    expect(await one.register(bob)).toMatch(/^SIP\/2.0 200 /)
    one.heard.length = 0
    one.say('MESSAGE', kamailio.server.uri, { From: `<${ada.uri}>;tag=raw` }, '{}')
    expect(await one.status()).toBe('403')
    // As Bob, on a line of Ada whose key he has learned.
    const key = randomToken(43)
    const [agent, gruu] = await register(ada)
    await agent.send(kamailio.server.uri, JSON.stringify({ k: key, o: gruu }))
    const [stranger] = await register(bob)
    await expect(stranger.send(kamailio.server.uri, JSON.stringify({ k: key, b: true }))).rejects.toThrow(
      'SIP Failure Code',
    )
    await agent.send(kamailio.server.uri, JSON.stringify({ k: key, f: ['still mine'] }))
  })

  async function register(account: SipLogin): Promise<[Agent, string]> {
    let agent: Agent | undefined
    const gruu = await new Promise<string>((resolve, reject) => {
      const handlers = { refused: reject, disconnected: () => {}, arrived: () => {} }
      agent = new Agent({ ...where(), ...account }, { ...handlers, registered: resolve })
    })
    if (agent === undefined) throw new Error('no agent')
    const one = agent
    cleanups.push(() => one.stop(false))
    return [one, gruu]
  }

  test('a person has twenty lines at once, so nobody takes those of all others', async () => {
    const [agent, gruu] = await register(await accountOf('of Bob'))
    const ask = () => agent.send(kamailio.server.uri, JSON.stringify({ k: randomToken(43), o: gruu }))
    const answers = await Promise.allSettled(Array.from({ length: 60 }, ask))
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(20)
    await come('of Ada')
  })

  test.each([
    ['has ended', () => forge(`${inSeconds(-5)}:ada`)],
    ['was lengthened', () => ({ ...forge(`${inSeconds(-5)}:ada`), username: `${inSeconds(60)}:ada` })],
    ['is of another secret', () => forge(`${inSeconds(60)}:ada`, 'some other secret')],
    ["was made of another's", () => ({ ...forge(`${inSeconds(60)}:ada`), username: `${inSeconds(60)}:bob` })],
    ['is the one of the server', () => forge(`${inSeconds(60)}:server`)],
    ['is the one of all pages, which is not there', () => kamailio.page],
  ])('the exchange refuses an account that %s', async (_, account) => {
    expect(await raw().register(account())).toMatch(/^SIP\/2.0 40[13] /)
  })

  test('an account that ends takes its connection with it, and a line comes back with another', async () => {
    const one = raw()
    expect(await one.register(forge(`${inSeconds(4)}:eve`))).toMatch(/^SIP\/2.0 200 /)
    const say = async () => {
      one.heard.length = 0
      one.say('MESSAGE', kamailio.server.uri, { From: '<sip:eve@exchange.example>;tag=raw' }, '{}')
      return one.status()
    }
    expect(await say()).toBe('481')
    accountMs = 3_000
    const bob = await come('of Bob')
    accountMs = undefined
    await expect.poll(() => events, { timeout: 10_000 }).toContain('session_resumed')
    expect(visitors.filter(({ peer }) => peer === undefined).length).toBeGreaterThan(1)
    await expect.poll(() => bob.getSnapshot().status, { timeout: 5_000 }).toBe('online')
    await expect.poll(say, { timeout: 5_000 }).toBe('403')
  })

  test('the server gives accounts to whom `authorize` lets in, and to pages of its own host; none is logged', async () => {
    const ask = (init: RequestInit, name = 'sip') =>
      fetch(`${origin}/rooms/credentials/${name}`, { method: 'POST', ...init })
    const given = await ask({ body: 'of Ada', headers: { origin: 'http://127.0.0.1:3000' } })
    const { password = '' } = (await given.json()) as { password?: string }
    expect([given.status, given.headers.get('cache-control'), password.length]).toEqual([200, 'no-store', 28])
    for (const [body, code] of [
      ['', 'unauthorized'],
      ['of Eve', 'unauthorized'],
      ['old', 'token_expired'],
    ] as const) {
      const refused = await ask({ body })
      expect([refused.status, ((await refused.json()) as { code: string }).code]).toEqual([401, code])
    }
    const status = async (answer: Promise<Response>) => (await answer).status
    expect(await status(ask({ body: 'of Ada', headers: { origin: 'https://elsewhere.example' } }))).toBe(403)
    for (const length of [8_193, 100_000]) expect(await status(ask({ body: 'x'.repeat(length) }))).toBe(413)
    expect(await status(ask({ method: 'GET' }))).toBe(405)
    expect(await status(ask({ body: 'of Ada' }, 'websocket'))).toBe(404)
    await expect(credentialsFor('of Eve')({ signal: AbortSignal.timeout(5_000) })).rejects.toMatchObject({
      name: 'DialError',
      failure: 'refused',
    })
    await come('of Ada')
    expect(JSON.stringify(logged)).not.toMatch(/password|of Ada|exchange\.example/)
  })
})
