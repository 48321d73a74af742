import { defaultHubLimits } from '@patchbay/core/hub'
import { type AcceptedConnection, DialError } from '@patchbay/core/transport'
import { randomToken } from '@patchbay/protocol'
import { findProgram } from '@patchbay/test-servers'
import * as v from 'valibot'
import { describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { line as served } from '../src/serve.ts'
import { listenSip } from '../src/server.ts'
import { BehindKamailio } from './support/behind-kamailio.ts'
import { hasKamailioPersons, startKamailio } from './support/kamailio.ts'
import { RawSip } from './support/raw-sip.ts'

describe.skipIf(findProgram('kamailio') === undefined)('behind Kamailio', () => {
  const rig = new BehindKamailio()

  test('a wrong password is refused, with what the exchange says', async () => {
    const refused = rig.open({ password: 'wrong' })
    await expect(refused).rejects.toBeInstanceOf(DialError)
    await expect(refused).rejects.toMatchObject({ failure: 'refused' })
    await expect(refused).rejects.toThrow('refused to register sip:page@exchange.example')
  })

  const exchanges: [string, string | undefined][] = [['with one account for all pages', undefined]]
  if (hasKamailioPersons()) exchanges.push(['with accounts of persons', 'at least sixteen characters'])
  test.each(exchanges)('an exchange %s logs no error when somebody registers, known or unknown', async (_, secret) => {
    const exchange = await startKamailio(secret)
    rig.cleanups.push(() => void exchange.stop())
    const url = `ws://127.0.0.1:${exchange.port}`
    const listener = listenSip({ ...exchange.server, url, WebSocket })
    await listener.ready
    const nobody = { uri: 'sip:nobody@exchange.example', password: 'x' }
    await expect(rig.open({ ...nobody, url })).rejects.toMatchObject({ failure: 'refused' })
    await listener.close()
    await exchange.stop()
    // Its last words.
    await expect.poll(exchange.log).toContain('handle_sigs()')
    expect(exchange.log().match(/ERROR: .*/g) ?? []).toEqual([])
  })

  test('any text goes through whole: control characters, lone surrogates, emoji, nothing at all', async () => {
    const { connection, frames } = await rig.open()
    const hard = ['', '\u0000\u0001\r\n\r\n', '\ud800', '🧑‍🚀'.repeat(2_000), '"\\'.repeat(8_000), 'x'.repeat(65_536), '']
    for (const text of hard) connection.send(text)
    await expect.poll(() => rig.lines[0]?.frames).toEqual(hard)
    for (const text of hard) rig.lines[0]?.connection.send(text)
    await expect.poll(() => frames).toEqual(hard)
  })

  test('somebody else with the same rig.account cannot speak on a line, and cannot hear it', async () => {
    const { connection, frames } = await rig.open()
    const { agent, gruu } = await rig.agentOf(rig.kamailio.page)
    const packet = (k: string, more: object = {}) => JSON.stringify({ k, f: ['forged'], ...more })
    await expect(agent.send(rig.account.server, packet(randomToken(43)))).rejects.toThrow('No MESSAGE')
    await expect(agent.send(rig.account.server, 'rubbish')).rejects.toThrow('No MESSAGE')
    // Pages cannot send to pages.
    await expect(agent.send(gruu, packet(randomToken(43)))).rejects.toThrow('No MESSAGE')
    await expect(agent.send('sip:page@exchange.example', packet(randomToken(43)))).rejects.toThrow('No MESSAGE')
    // A line is opened for agents of the rig.account that asks, and of no other.
    const other = JSON.stringify({ k: randomToken(43), o: 'sip:server@exchange.example;gr=x' })
    await expect(agent.send(rig.account.server, other)).rejects.toThrow('No MESSAGE')
    // Nor for an address in which an exchange may see another domain.
    const twice = JSON.stringify({ k: randomToken(43), o: `${gruu};x=y@evil.example` })
    await expect(agent.send(rig.account.server, twice)).rejects.toThrow('No MESSAGE')
    connection.send('mine')
    await expect.poll(() => rig.lines.map((line) => line.frames)).toEqual([['mine']])
    expect(frames).toEqual([])
  })

  test('whoever has not registered speaks as nobody, and who has speaks as no other', async () => {
    const raw = new RawSip(rig.kamailio.port)
    await raw.opened
    rig.cleanups.push(() => raw.socket.terminate())
    raw.say('MESSAGE', rig.account.server, {}, '{}')
    expect(await raw.status()).toBe('403')
    raw.say('MESSAGE', rig.account.server, { From: '<sip:server@exchange.example>;tag=raw' }, '{}')
    await expect.poll(() => raw.heard.length).toBe(2)
    expect(await raw.status()).toBe('403')
    raw.say('REGISTER', 'sip:exchange.example', {
      To: '<sip:page@exchange.example>',
      Contact: '<sip:a@raw.invalid;transport=ws>',
    })
    await expect.poll(() => raw.heard.length).toBe(3)
    expect(await raw.status()).toBe('401')
  })

  test('40 kinds of broken SIP end at the exchange, and lines beside them go on', async () => {
    const { connection, frames, closes } = await rig.open()
    const body = '{"k":"x"}'
    const start = ['MESSAGE', `${rig.account.server} SIP/2.0`]
    const good =
      'Via: SIP/2.0/WS a.invalid;branch=z9hG4bKx\r\nFrom: <sip:page@exchange.example>;tag=a\r\nTo: <sip:server@exchange.example>\r\nCall-ID: a\r\nCSeq: 1 MESSAGE\r\n'
    const hostile = [
      '',
      '\r\n\r\n',
      '\0'.repeat(1_000),
      'x'.repeat(60_000),
      'MESSAGE',
      'MESSAGE \r\n\r\n',
      ` ${start.join(' ')}\r\n\r\n`,
      'MESSAGE sip: SIP/2.0\r\n\r\n',
      `MESSAGE ${'sip:'.repeat(5_000)} SIP/2.0\r\n\r\n`,
      `${start.join(' ')}\r\n\r\n`,
      `MESSAGE ${rig.account.server} SIP/9.9\r\n${good}\r\n`,
      `SIP/2.0 200 OK\r\n${good}\r\n`,
      `SIP/2.0 999 ?\r\n${good}\r\n`,
      `SIP/2.0 -1 \r\n${good}\r\n`,
      ...['-1', '99999999999999999999', '1e3', '0x10', '', 'a', '65536', '4294967296', ' 5 5'].map(
        (length) => `${start.join(' ')}\r\n${good}Content-Length: ${length}\r\n\r\n${body}`,
      ),
      ...['Via', 'From', 'To', 'Call-ID', 'CSeq'].map(
        (name) => `${start.join(' ')}\r\n${good.replace(new RegExp(`${name}: [^\r]*\r\n`), '')}\r\n`,
      ),
      `${start.join(' ')}\r\n${good}${'X-Flood: y\r\n'.repeat(3_000)}\r\n`,
      `${start.join(' ')}\r\n${good}${'Via: SIP/2.0/WS a.invalid;branch=z9hG4bKy\r\n'.repeat(500)}\r\n`,
      `${start.join(' ')}\r\n${good.replace('1 MESSAGE', '99999999999 MESSAGE')}\r\n`,
      `${start.join(' ')}\r\n${good.replace('1 MESSAGE', '1 INVITE')}\r\n`,
      `${start.join(' ')}\r\n${good.replace('page@', 'server@')}Content-Length: 9\r\n\r\n${body}`,
      `${start.join(' ')}\r\n${good.replace('page@exchange.example', 'page@elsewhere.example')}\r\n`,
      `REGISTER sip:exchange.example SIP/2.0\r\n${good.replace('1 MESSAGE', '1 REGISTER')}Contact: *\r\nExpires: 0\r\n\r\n`,
      `REGISTER sip:exchange.example SIP/2.0\r\n${good.replace('1 MESSAGE', '1 REGISTER')}Authorization: Digest username="page", realm="exchange.example", nonce="old", uri="sip:exchange.example", response="00"\r\n\r\n`,
      `INVITE ${rig.account.server} SIP/2.0\r\n${good.replace('1 MESSAGE', '1 INVITE')}\r\n`,
      `${start.join(' ')}\r\n${good}Max-Forwards: 0\r\n\r\n`,
      `${start.join(' ')}\r\n${good}Route: <sip:127.0.0.1:${rig.kamailio.port};lr>\r\n\r\n`,
      `MESSAGE sip:server@127.0.0.1:9 SIP/2.0\r\n${good}\r\n`,
    ]
    expect(hostile.length).toBeGreaterThanOrEqual(40)
    for (const text of hostile) {
      const raw = new RawSip(rig.kamailio.port)
      await raw.opened
      raw.socket.send(text)
      // What the exchange does with it, it has done when it answers the next one, or has closed.
      raw.say('MESSAGE', rig.account.server, {}, '{}')
      await expect
        .poll(() => raw.heard.length > 0 || raw.socket.readyState === WebSocket.CLOSED, { timeout: 3_000 })
        .toBe(true)
      expect(raw.heard.filter((answer) => answer.startsWith('SIP/2.0 2'))).toEqual([])
      raw.socket.terminate()
    }
    connection.send('still here')
    await expect.poll(() => rig.lines[0]?.frames).toEqual(['still here'])
    rig.lines[0]?.connection.send('and here')
    await expect.poll(() => frames).toEqual(['and here'])
    expect([rig.lines.length, closes]).toEqual([1, []])
  })

  test('a registered page learns of no other, takes none off the list, and cannot stop the server', async () => {
    const { connection, frames, closes } = await rig.open()
    const raw = new RawSip(rig.kamailio.port)
    rig.cleanups.push(() => raw.socket.terminate())
    const answer = await raw.register(rig.kamailio.page)
    expect(answer).toMatch(/^SIP\/2.0 200/)
    expect(
      answer
        .match(/^Contact: .*$/gm)
        ?.join()
        .match(/pub-gruu/g),
    ).toHaveLength(1)
    expect(await raw.register(rig.kamailio.page, { Contact: '*', Expires: '0' })).toMatch(/^SIP\/2.0 [24]/)
    // What JsSIP cannot read, and two senders at once.
    const before = raw.heard.length
    raw.say('MESSAGE', rig.account.server, { Contact: '*' }, '{}')
    raw.say(
      'MESSAGE',
      rig.account.server,
      { From: '<sip:page@exchange.example>;tag=a\r\nFrom: <sip:server@exchange.example>;tag=a' },
      '{}',
    )
    raw.say(
      'MESSAGE',
      rig.account.server,
      { 'P-Asserted-Identity': '<sip:%ff@x>', 'Reply-To': '<sip:%ff@x>', Contact: '<sip:%ff@x>' },
      '{}',
    )
    connection.send('still here')
    await expect.poll(() => rig.lines[0]?.frames).toEqual(['still here'])
    rig.lines[0]?.connection.send('and here')
    await expect.poll(() => frames).toEqual(['and here'])
    expect(closes).toEqual([])
    expect(raw.heard.slice(before).filter((heard) => heard.startsWith('SIP/2.0 2'))).toEqual([])
    // Each line is an address of its own for the bounds of the hub.
    await rig.open()
    expect(new Set(rig.lines.map((line) => (line.connection as AcceptedConnection).remote.address)).size).toBe(2)
  })

  test('a page that asks the server for its password gets no answer', async () => {
    const raw = new RawSip(rig.kamailio.port)
    rig.cleanups.push(() => raw.socket.terminate())
    const answer = await raw.register(rig.kamailio.page)
    const gruu = /pub-gruu="([^"]+)"/.exec(answer)?.[1] ?? ''
    raw.say(
      'MESSAGE',
      rig.account.server,
      { 'Content-Type': 'application/json' },
      JSON.stringify({ k: randomToken(43), o: gruu }),
    )
    await expect.poll(() => rig.lines).toHaveLength(1)
    rig.lines[0]?.connection.send('hello')
    await expect.poll(() => raw.heard.filter((heard) => heard.startsWith('MESSAGE'))).toHaveLength(1)
    const asked = raw.heard.find((heard) => heard.startsWith('MESSAGE')) ?? ''
    const copied = asked.split('\r\n').filter((line) => /^(Via|From|To|Call-ID|CSeq):/i.test(line))
    raw.socket.send(
      [
        'SIP/2.0 401 Unauthorized',
        ...copied,
        'WWW-Authenticate: Digest realm="exchange.example", nonce="x"',
        'Content-Length: 0',
        '',
        '',
      ].join('\r\n'),
    )
    // The exchange drops that answer, and at last says that none came.
    await expect.poll(() => rig.lines[0]?.closes, { timeout: 9_000 }).toEqual(['lost'])
    expect(raw.heard.filter((heard) => /^authorization:/im.test(heard))).toEqual([])
  })

  test('a page that floods the server with messages of nothing is refused, and disturbs no other line', async () => {
    const { connection, frames, closes } = await rig.open()
    const raw = new RawSip(rig.kamailio.port)
    rig.cleanups.push(() => raw.socket.terminate())
    const gruu = /pub-gruu="([^"]+)"/.exec(await raw.register(rig.kamailio.page))?.[1] ?? ''
    const k = randomToken(43)
    const say = (packet: object) =>
      raw.say('MESSAGE', rig.account.server, { 'Content-Type': 'application/json' }, JSON.stringify({ k, ...packet }))
    say({ o: gruu })
    await expect.poll(() => rig.lines).toHaveLength(2)
    const before = raw.heard.length
    for (let i = 0; i < 2_000; i += 1) say({})
    const statuses = () => raw.heard.slice(before).map((heard) => heard.slice(0, 11))
    await expect
      .poll(() => statuses().filter((one) => one.startsWith('SIP/2.0 ')).length, { timeout: 10_000 })
      .toBe(2_000)
    const refused = statuses().filter((one) => one === 'SIP/2.0 503').length
    expect(refused).toBeGreaterThan(1_000)
    connection.send('still here')
    await expect.poll(() => rig.lines[0]?.frames).toEqual(['still here'])
    rig.lines[0]?.connection.send('and here')
    await expect.poll(() => frames).toEqual(['and here'])
    expect(closes).toEqual([])
  })

  /** Speaks on a line a thousand times, behind an exchange that lets everything through. @returns how the line has ended. */
  async function flood(perSecond: number): Promise<string[]> {
    const lenient = await startKamailio(undefined, (text) => text.replace(/^.*Too Many Messages.*$/m, ''))
    const url = `ws://127.0.0.1:${lenient.port}`
    const environment = { SIP_URL: url, SIP_URI: lenient.server.uri, SIP_PASSWORD: lenient.server.password }
    const messages = { perSecond, burst: 4 * perSecond }
    const { listener } = await served.open(v.parse(served.environment, environment), {
      base: '',
      limits: { ...defaultHubLimits, messages },
      allowOrigin: () => true,
      addressOf: () => '',
      admit: () => () => {},
      admitBrokerLine: () => () => {},
      log: { info: () => {}, error: () => {} },
    })
    const ends: string[] = []
    listener.listen(() => ({ frame() {}, close: (reason) => void ends.push(reason) }))
    const raw = new RawSip(lenient.port)
    try {
      await listener.ready
      const gruu = /pub-gruu="([^"]+)"/.exec(await raw.register(lenient.page))?.[1] ?? ''
      const k = randomToken(43)
      const before = raw.heard.length
      const say = (packet: object) =>
        raw.say('MESSAGE', lenient.server.uri, { 'Content-Type': 'application/json' }, JSON.stringify({ k, ...packet }))
      say({ o: gruu })
      for (let i = 0; i < 1_000; i += 1) say({})
      const answers = () => raw.heard.slice(before).filter((heard) => heard.startsWith('SIP/2.0 '))
      await expect.poll(() => answers().length, { timeout: 10_000 }).toBe(1_001)
      return [...ends]
    } finally {
      raw.socket.terminate()
      await listener.close()
      await lenient.stop()
    }
  }

  test('behind an exchange that lets everything through, the server gives such a line up itself', async () => {
    // Few: a busy machine takes seconds for a thousand.
    expect(await flood(10)).toEqual(['lost'])
  })

  test('where sessions may say more, so may their lines', async () => {
    expect(await flood(1_000)).toEqual([])
  })
})
