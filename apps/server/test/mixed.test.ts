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
