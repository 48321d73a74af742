import { findProgram, startNginx } from '@patchbay/test-servers'
import { afterEach, expect, test } from 'vitest'
import { lineNames, Rig } from './support/rig.ts'

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
    // Every few messages, the response in flight is lost with its connection.
    if (Number(body) % 10 === 5) network.reset()
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  await expect
    .poll(() => [poll.heard('offer'), socket.heard('offer')], { timeout: 10_000 })
    .toEqual([expected, expected])
  expect(rig.told('session_opened')).toBe(2)
  expect(rig.told('session_away')).toBe(0)
})

test.skipIf(findProgram('nginx') === undefined)(
  'behind a proxy that knows no WebSocket the client is on long-poll within 5 s, and moves up when the proxy learns it',
  async () => {
    rig = await Rig.start()
    const deaf = await startNginx(rig.server.port, { refusesWebSocket: true })
    const watcher = await rig.enter('Watcher')
    const from = performance.now()
    const member = await rig.enter('Behind', { port: deaf.port, lines: lineNames })
    expect(performance.now() - from).toBeLessThan(5_000)
    expect(member.client.getSnapshot()).toEqual({ status: 'online', line: 'longpoll' })
    await deaf.stop()
    const learned = await startNginx(rig.server.port, { port: deaf.port })
    await expect
      .poll(() => member.client.getSnapshot(), { timeout: 15_000 })
      .toEqual({ status: 'online', line: 'websocket' })
    member.channel.send(watcher.id, { type: 'offer', body: 'from above' })
    await expect.poll(() => watcher.heard('offer')).toEqual(['from above'])
    expect([rig.told('session_opened'), watcher.count('peer_removed')]).toEqual([2, 0])
    member.client.close()
    await learned.stop()
  },
  30_000,
)
