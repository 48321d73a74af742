import { once } from 'node:events'
import { createPeerSecret, encode } from '@patchbay/protocol'
import { expect, test } from 'vitest'
import { identityOf } from './support/raw-client.ts'
import { stalled } from './support/stalled.ts'
import { serverUnderFire } from './support/under-fire.ts'

const ORIGIN = 'https://chat.example'
const rig = serverUnderFire({ ALLOWED_ORIGINS: ORIGIN })

interface Opened {
  readonly id: string
  readonly secret: string
}
const url = () => `http://127.0.0.1:${rig().server.port}/poll`
const json = { 'content-type': 'application/json' }
const hello = encode({ type: 'hello', ...identityOf(createPeerSecret()) })

async function open(): Promise<Opened> {
  const response = await fetch(url(), { method: 'POST', headers: json, body: '{}' })
  expect([response.status, response.headers.get('cache-control')]).toEqual([201, 'no-store'])
  return (await response.json()) as Opened
}

const own = ({ id, secret }: Opened, cursor: number | string) => ({
  ...json,
  authorization: `Bearer ${id}.${secret}`,
  'patchbay-cursor': String(cursor),
})
const post = async (line: Opened, cursor: number | string, body: string, headers: Record<string, string> = {}) =>
  fetch(url(), { method: 'POST', headers: { ...own(line, cursor), ...headers }, body })
const get = (line: Opened, cursor: number | string) => fetch(url(), { headers: own(line, cursor) })
const frames = (...list: string[]) => JSON.stringify({ frames: list })
/** Content of every refusal: a status, and a message. */
const refused = async (response: Response | Promise<Response>) => {
  const { status, headers } = await response
  const { error } = (await (await response).json()) as { error: string }
  expect(headers.get('content-type')).toBe('application/json')
  expect(error).toMatch(/^[A-Z].*\.$/)
  return status
}

test('forged, negative, malformed and future cursors are refused, and the line survives', async () => {
  const line = await open()
  expect((await post(line, 0, frames(hello))).status).toBe(204)
  for (const cursor of ['-1', '1e3', '0x1', '', '1.5', '9'.repeat(30)])
    expect(await refused(get(line, cursor))).toBe(400)
  for (const cursor of [5, 1_000_000]) expect(await refused(get(line, cursor))).toBe(409)
  expect(await refused(post(line, 7, frames('{}')))).toBe(409)
  const answer = (await (await get(line, 0)).json()) as { frames: string[] }
  expect(answer.frames[0]).toContain('"type":"welcome"')
  await post(line, 1, '{"frames":[],"leave":true}')
})

test('a replayed POST counts once, and a cursor cannot move back', async () => {
  const line = await open()
  for (let i = 0; i < 20; i += 1) expect((await post(line, 0, frames(hello))).status).toBe(204)
  const first = (await (await get(line, 0)).json()) as { frames: string[] }
  expect(first.frames).toHaveLength(1)
  const waiting = get(line, 1)
  expect(await refused(get(line, 0))).toBe(409)
  await post(line, 1, '{"frames":[],"leave":true}')
  await waiting.catch(() => {})
})

test('of two concurrent GETs the first is answered empty and the second is held', async () => {
  const line = await open()
  const both = [get(line, 0), get(line, 0)]
  const first = (await (await Promise.race(both)).json()) as { frames: string[] }
  expect(first.frames).toEqual([])
  await post(line, 0, frames(hello))
  const answers = await Promise.all(both)
  expect(answers.map(({ status }) => status)).toEqual([200, 200])
  await post(line, 1, '{"frames":[],"leave":true}')
})

test('a hundred concurrent GETs hold one response, not a hundred', async () => {
  const line = await open()
  const all = Array.from({ length: 100 }, () => get(line, 0))
  await post(line, 0, frames(hello))
  const answers = await Promise.all(all.map(async (answer) => (await (await answer).json()) as { frames: string[] }))
  expect(answers.filter(({ frames: some }) => some.length > 0)).toHaveLength(1)
  await post(line, 1, '{"frames":[],"leave":true}')
})

test.each([
  ['beside its frames', () => JSON.stringify({ frames: ['{"type":"leave","room":"r"}'], rest: 'x'.repeat(400_000) })],
  ['that are no JSON', () => 'x'.repeat(400_000)],
])('a line that sends megabytes %s is over', async (_, body) => {
  const line = await open()
  expect((await post(line, 0, frames(hello))).status).toBe(204)
  let sent = 0
  while (sent < 30 && (await post(line, 1 + sent, body())).status !== 404) sent += 1
  // The burst of a line is 4 MiB.
  expect(sent).toBeLessThan(20)
  expect(sent).toBeGreaterThan(5)
})

const fruitless: Record<string, (line: Opened) => Promise<Response>> = {
  GETs: (line) => get(line, 0),
  'POSTs without frames': (line) => post(line, 0, frames()),
  'POSTs that came before': (line) => post(line, 0, frames(hello)),
  'GETs with a future cursor': (line) => get(line, 99),
  'GETs without a cursor': (line) => get(line, ''),
  'POSTs with a future cursor': (line) => post(line, 99, frames(hello)),
  'POSTs of another type': (line) => post(line, 1, frames(hello), { 'content-type': 'text/plain' }),
  'POSTs that are no JSON': (line) => post(line, 1, 'x'),
  PUTs: (line) => fetch(url(), { method: 'PUT', headers: own(line, 1), body: 'x' }),
}
test.each(Object.entries(fruitless))(
  'a line whose requests bring nothing new, again and again, is over: %s',
  async (_, ask) => {
    const line = await open()
    expect((await post(line, 0, frames(hello))).status).toBe(204)
    let answered = 0
    // Without the line, its requests are those of anybody.
    const goesOn = async () => ![404, 429].includes((await ask(line)).status)
    while (answered < 1_000 && (await goesOn())) answered += 1
    expect(answered).toBeLessThan(1_000)
  },
)

test('10 MB, deep nesting and invalid JSON are refused', async () => {
  const line = await open()
  expect(await refused(post(line, 0, frames('x'.repeat(10_000_000))))).toBe(413)
  expect(await refused(post(line, 0, '{"frames":'))).toBe(400)
  expect(await refused(post(line, 0, '['.repeat(100_000)))).toBe(400)
  for (const body of ['null', '7', '{}', '{"frames":{}}', '{"frames":[1]}', '{"__proto__":{"frames":["x"]}}'])
    expect(await refused(post(line, 0, body))).toBe(400)
  await post(line, 0, '{"frames":[],"leave":true}')
})

test('a body in pieces of one byte is refused before thousands of them are kept', async () => {
  const line = await open()
  const head = `POST /poll HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${line.id}.${line.secret}\r\nPatchbay-Cursor: 0\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n`
  const socket = await stalled(rig().server.port, `${head}${'1\r\n \r\n'.repeat(10_000)}`)
  const [answer] = (await once(socket, 'data')) as [Buffer]
  expect(answer.toString()).toMatch(/^HTTP\/1.1 413 /)
  await post(line, 0, '{"frames":[],"leave":true}')
})

test('other content types and other origins are refused before the body is read', async () => {
  const line = await open()
  for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', ''])
    expect(await refused(post(line, 0, frames(hello), { 'content-type': type }))).toBe(415)
  const evil = { origin: 'https://evil.example' }
  expect(await refused(post(line, 0, frames(hello), evil))).toBe(403)
  const simple = { method: 'POST', headers: { ...evil, 'content-type': 'text/plain' }, body: '{}' }
  expect(await refused(fetch(url(), simple))).toBe(403)
  const preflight = await fetch(url(), { method: 'OPTIONS', headers: evil })
  expect([preflight.status, preflight.headers.get('access-control-allow-origin')]).toEqual([403, null])
  const allowed = await fetch(url(), { method: 'OPTIONS', headers: { origin: ORIGIN } })
  expect([allowed.status, allowed.headers.get('access-control-allow-origin')]).toEqual([204, ORIGIN])
  await post(line, 0, '{"frames":[],"leave":true}')
})

test("another client's line cannot be read, written, ended, or told apart from one that does not exist", async () => {
  const [victim, thief] = [await open(), await open()]
  const stolen = { id: victim.id, secret: thief.secret }
  const answers = [
    await refused(get(stolen, 0)),
    await refused(post(stolen, 0, frames(hello))),
    await refused(post(stolen, 0, '{"frames":[],"leave":true}')),
    await refused(get({ id: victim.id, secret: '' }, 0)),
    await refused(get({ id: 'A'.repeat(22), secret: thief.secret }, 0)),
    await refused(get({ id: '__proto__', secret: thief.secret }, 0)),
    await refused(get({ id: 'constructor', secret: '' }, 0)),
  ]
  expect(new Set(answers)).toEqual(new Set([404]))
  expect((await post(victim, 0, frames(hello))).status).toBe(204)
  for (const line of [victim, thief]) await post(line, line === victim ? 1 : 0, '{"frames":[],"leave":true}')
})
