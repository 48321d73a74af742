import { encode, type PeerId, type RoomId } from '@patchbay/protocol'
import { freePort } from '@patchbay/test-servers'
import { expect, onTestFinished, test } from 'vitest'
import { Nodes } from '../support/nodes.ts'
import { until } from '../support/until.ts'
import { RawClient } from '../support/raw-client.ts'

const room = 'room' as RoomId

/** The samples of a server, by name and labels. */
async function samplesOf(port: number): Promise<Map<string, number>> {
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()
  const rows = text.split('\n').filter((line) => line.startsWith('patchbay_'))
  return new Map(rows.map((row) => [row.slice(0, row.lastIndexOf(' ')), Number(row.slice(row.lastIndexOf(' ')))]))
}

test('the metrics of two servers are exactly what their clients did', async () => {
  const ports = [await freePort(), await freePort()] as const
  const nodes = await Nodes.start(2, (i) => ({ METRICS_PORT: String(ports[i]) }))
  onTestFinished(() => nodes.close())
  const [one, two] = nodes.nodes.map(({ port }) => port) as [number, number]
  const ada = await RawClient.greet(one)
  const bob = await RawClient.greet(one)
  const cyd = await RawClient.greet(two)
  for (const [client, name] of [
    [ada, 'Ada'],
    [bob, 'Bob'],
    [cyd, 'Cyd'],
  ] as const)
    client.say({ type: 'join', room, name })
  await until(() => [ada, bob, cyd].every(({ heard }) => heard.some(({ type }) => type === 'peers')))
  await until(() => [bob, cyd].every(({ id }) => JSON.stringify(ada.heard).includes(id)))
  const body = 'x'.repeat(100)
  // `to` becomes `from`.
  const size = encode({ type: 'offer', room, to: ada.id, body }).length + 2
  for (let i = 0; i < 7; i += 1) ada.say({ type: 'offer', room, to: bob.id, body })
  for (let i = 0; i < 5; i += 1) ada.say({ type: 'offer', room, to: cyd.id, body })
  ada.say({ type: 'offer', room, to: 'x'.repeat(22) as PeerId, body })
  await until(() => bob.heard.filter(({ type }) => type === 'offer').length === 7)
  await until(() => cyd.heard.filter(({ type }) => type === 'offer').length === 5)
  const wrong = await RawClient.open(one)
  wrong.shout('no greeting')
  await until(() => wrong.heard.some(({ type }) => type === 'close'))
  const first = await samplesOf(ports[0])
  expect(Object.fromEntries([...first].filter(([name]) => !name.includes('round_trip')))).toEqual({
    patchbay_sessions: 2,
    patchbay_rooms: 1,
    'patchbay_lines{transport="websocket"}': 2,
    'patchbay_sessions_opened_total{how="hello"}': 2,
    'patchbay_joins_total{how="join"}': 2,
    'patchbay_resumes_total{where="here"}': 0,
    'patchbay_resumes_total{where="elsewhere"}': 0,
    'patchbay_resumes_total{where="nowhere"}': 0,
    'patchbay_relayed_messages_total{to="here"}': 7,
    'patchbay_relayed_messages_total{to="elsewhere"}': 5,
    'patchbay_relayed_size_total{to="here"}': 7 * size,
    'patchbay_relayed_size_total{to="elsewhere"}': 5 * size,
    'patchbay_lines_refused_total{code="bad_message"}': 1,
    'patchbay_requests_refused_total{code="unknown_peer"}': 1,
    patchbay_engine_up: 1,
    patchbay_engine_nodes: 2,
    'patchbay_engine_dropped_total{what="post"}': 0,
    'patchbay_engine_dropped_total{what="frame"}': 0,
  })
  const second = await samplesOf(ports[1])
  expect(second.get('patchbay_joins_total{how="join"}')).toBe(1)
  expect(second.get('patchbay_relayed_messages_total{to="here"}')).toBe(0)
  expect(second.get('patchbay_engine_round_trip_seconds')).toBeLessThan(2)
  for (const client of [ada, bob, cyd, wrong]) client.socket.terminate()
})

test.each([{}, { METRICS_PORT: '0' }])('with %o there are none', async (environment) => {
  const nodes = await Nodes.start(1, () => environment)
  onTestFinished(() => nodes.close())
  expect((await fetch(`http://127.0.0.1:${nodes.nodes[0]?.port}/metrics`)).status).toBe(404)
})
