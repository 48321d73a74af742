import { afterEach, expect, test } from 'vitest'
import { Rig } from './support/rig.ts'

let rig: Rig
afterEach(async () => {
  await rig.close()
})

test('members on WebSocket and on long-poll meet in one room, and a lost answer loses nothing', async () => {
  rig = await Rig.start()
  const network = await rig.proxy()
  const socket = await rig.enter('Socket')
  const poll = await rig.enter('Poll', { port: network.port, lines: ['longpoll'] })
  await socket.when((roster) => roster.status === 'joined' && roster.peers.some(({ line }) => line === 'longpoll'))
  const expected = Array.from({ length: 60 }, (_, i) => String(i))
  for (const body of expected) {
    socket.channel.send(poll.id, { type: 'offer', body })
    poll.channel.send(socket.id, { type: 'offer', body })
    // Every few messages the answer under way is lost with its connection.
    if (Number(body) % 10 === 5) network.reset()
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  await expect
    .poll(() => [poll.heard('offer'), socket.heard('offer')], { timeout: 10_000 })
    .toEqual([expected, expected])
  expect(rig.told('session_opened')).toBe(2)
  expect(rig.told('session_away')).toBe(0)
})

const upgradeless = (port: number, path: string, init: RequestInit) => fetch(`http://127.0.0.1:${port}${path}`, init)

test('long-poll refuses what is not its wire, with what to do about it', async () => {
  rig = await Rig.start({ ALLOWED_ORIGINS: 'https://chat.example' })
  const { port } = rig.server
  const json = { 'content-type': 'application/json' }
  const post = (path: string, headers: Record<string, string>, body: string) =>
    upgradeless(port, path, { method: 'POST', headers, body }).then(({ status }) => status)
  expect(await post('/poll', { 'content-type': 'text/plain' }, '{}')).toBe(415)
  expect(await post('/poll', { ...json, origin: 'https://evil.example' }, '{}')).toBe(403)
  expect(await post('/poll', json, 'not json')).toBe(400)
  expect(await post('/poll', json, `"${'x'.repeat(600_000)}"`)).toBe(413)
  const opened = await upgradeless(port, '/poll', { method: 'POST', headers: json, body: '{}' })
  expect(opened.headers.get('cache-control')).toBe('no-store')
  const { id, secret } = (await opened.json()) as { id: string; secret: string }
  const own = { ...json, authorization: `Bearer ${secret}`, 'patchbay-cursor': '0' }
  expect(await post(`/poll/${id}`, { ...own, authorization: 'Bearer stolen' }, '{"frames":[]}')).toBe(404)
  expect(await post(`/poll/${id}`, { ...own, 'patchbay-cursor': '-1' }, '{"frames":[]}')).toBe(400)
  expect(await post(`/poll/${id}`, { ...own, 'patchbay-cursor': '7' }, '{"frames":["x"]}')).toBe(409)
  expect(await post(`/poll/${id}`, own, '{"frames":[1]}')).toBe(400)
  const future = { headers: { ...own, 'patchbay-cursor': '99' } }
  expect((await upgradeless(port, `/poll/${id}`, future)).status).toBe(409)
  expect(await post(`/poll/${id}`, own, '{"frames":[],"leave":true}')).toBe(200)
})
