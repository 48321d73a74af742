import type { RoomMembership } from '@patchbay/core/signaling'
import { startFaultProxy } from '@patchbay/fault-proxy'
import { type RigClient, testRoomSignaling } from '@patchbay/signaling-conformance'
import { startMosquitto } from '@patchbay/test-servers'
import { connectAsync } from 'mqtt'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { MqttSignaling } from '../src/mqtt-signaling.ts'

/** Names of those that a member sees, in order. */
function names(membership: RoomMembership): string[] {
  const state = membership.getSnapshot()
  return state.status === 'joined' ? state.peers.map(({ name }) => name).toSorted() : []
}

for (const transport of ['TCP', 'WebSocket'] as const) {
  testRoomSignaling({
    name: `on the topics of Mosquitto, over ${transport}`,
    lostWithinMs: 3_000,
    async rig() {
      const broker = await startMosquitto(fileURLToPath(new URL('../mosquitto', import.meta.url)))
      const closers: (() => unknown)[] = [() => broker.stop()]
      return {
        async connect(): Promise<RigClient> {
          const network = await startFaultProxy(transport === 'TCP' ? broker.tcpPort : broker.webSocketPort)
          const scheme = transport === 'TCP' ? 'mqtt' : 'ws'
          const signaling = new MqttSignaling(`${scheme}://127.0.0.1:${network.port}`, broker.page)
          closers.unshift(
            () => signaling.close(),
            () => network.close(),
          )
          return {
            signaling,
            cut: () => network.reset(),
            crash() {
              network.refuse(true)
              network.reset()
            },
            close: () => signaling.close(),
          }
        },
        async dispose() {
          for (const close of closers) await close()
        },
      }
    },
  })
}

test('letters that are none are passed over', async () => {
  const broker = await startMosquitto(fileURLToPath(new URL('../mosquitto', import.meta.url)))
  const url = `mqtt://127.0.0.1:${broker.tcpPort}`
  const [ada, bob] = [new MqttSignaling(url, broker.page), new MqttSignaling(url, broker.page)]
  const heard: unknown[] = []
  ada.enter({ room: 'friday', name: 'Ada' }).onEvent((event) => event.type === 'signal' && heard.push(event.signal))
  const membership = bob.enter({ room: 'friday', name: 'Bob' })
  const isThere = () => {
    const state = membership.getSnapshot()
    return state.status === 'joined' && state.peers.some(({ id }) => id === ada.self)
  }
  await expect.poll(isThere, { timeout: 5_000 }).toBe(true)
  const signal = { type: 'offer', body: 'from Bob' } as const
  const letters: unknown[] = [null, 5, [], 'x', {}, { n: 1 }, { from: bob.self }, { from: bob.self, n: Number.NaN }]
  for (const odd of [null, 5, {}, { type: 'offer' }, { type: 'dance', body: 'x' }])
    letters.push({ from: bob.self, n: letters.length, signal: odd })
  const forger = await connectAsync(url, broker.page)
  for (const letter of letters)
    await forger.publishAsync(`mesh/friday/to/${ada.self}`, JSON.stringify(letter), { qos: 1 })
  membership.send(ada.self, signal)
  await expect.poll(() => heard, { timeout: 5_000 }).toEqual([signal])
  await forger.endAsync()
  for (const one of [ada, bob]) one.close()
  await broker.stop()
})

test('a member of whose earlier connection the broker says too late that it was lost is seen by everyone', async () => {
  const broker = await startMosquitto(fileURLToPath(new URL('../mosquitto', import.meta.url)))
  const url = `mqtt://127.0.0.1:${broker.tcpPort}`
  const [ada, bob, cyd] = [1, 2, 3].map(() => new MqttSignaling(url, broker.page))
  if (ada === undefined || bob === undefined || cyd === undefined) throw new Error('They are three.')
  const entered = ada.enter({ room: 'friday', name: 'Ada' })
  bob.enter({ room: 'friday', name: 'Bob' })
  await expect.poll(() => names(entered), { timeout: 5_000 }).toEqual(['Bob'])
  const will = await connectAsync(url, broker.page)
  const gone = new Promise<void>((resolve) => {
    entered.onEvent(({ type }) => type === 'peer_removed' && resolve())
  })
  await will.publishAsync(`mesh/friday/who/${bob.self}`, 'lost', { qos: 1, retain: true })
  await gone
  await expect.poll(() => names(entered), { timeout: 5_000 }).toEqual(['Bob'])
  const late = cyd.enter({ room: 'friday', name: 'Cyd' })
  await expect.poll(() => names(late), { timeout: 5_000 }).toEqual(['Ada', 'Bob'])
  await will.endAsync()
  for (const one of [ada, bob, cyd]) one.close()
  await broker.stop()
})

test('whoever left and entered again while one was away is met anew', async () => {
  const broker = await startMosquitto(fileURLToPath(new URL('../mosquitto', import.meta.url)))
  const network = await startFaultProxy(broker.tcpPort)
  const ada = new MqttSignaling(`mqtt://127.0.0.1:${network.port}`, broker.page)
  const bob = new MqttSignaling(`mqtt://127.0.0.1:${broker.tcpPort}`, broker.page)
  const entered = ada.enter({ room: 'friday', name: 'Ada' })
  const first = bob.enter({ room: 'friday', name: 'Bob' })
  await expect.poll(() => names(entered), { timeout: 5_000 }).toEqual(['Bob'])
  const events: unknown[] = []
  entered.onEvent((event) => {
    if (event.type === 'peer_joined') events.push([event.type, event.newcomer])
    else events.push(event.type === 'peer_removed' ? [event.type, event.reason] : event.type)
  })
  network.refuse(true)
  network.reset()
  await expect.poll(() => ada.getSnapshot().status).toBe('reconnecting')
  first.leave()
  const again = bob.enter({ room: 'friday', name: 'Bob' })
  await expect.poll(() => again.getSnapshot().status, { timeout: 5_000 }).toBe('joined')
  network.refuse(false)
  await expect
    .poll(() => events, { timeout: 5_000 })
    .toEqual(['discontinuity', ['peer_removed', 'left'], ['peer_joined', true]])
  for (const one of [ada, bob]) one.close()
  await network.close()
  await broker.stop()
})
