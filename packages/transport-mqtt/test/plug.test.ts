import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { defaultHubLimits } from '@patchbay/core/hub'
import { expect, onTestFinished, test } from 'vitest'
import * as v from 'valibot'
import { plug } from '../src/plug.ts'
import { line } from '../src/serve.ts'

test('the page dials the broker of its own, or that of the server, and may reach no more of it than its origin', () => {
  const server = 'https://chat.example/base'
  const own = plug.settings({ server, environment: { MQTT_PAGE_URL: 'wss://name:password@broker.example:8884/path' } })
  expect(own && plug.origins(own)).toEqual(['wss://broker.example:8884'])
  for (const environment of [{}, { MQTT_PAGE_URL: '' }])
    expect(plug.settings({ server, environment })).toEqual({ url: 'wss://chat.example/base/mqtt' })
})

test.each(['nonsense', 'wss://[', 'mqtt://broker.example', 'https://broker.example'])(
  'the page names MQTT_PAGE_URL when it is %s',
  (broker) => {
    const settings = () => plug.settings({ server: 'https://chat.example', environment: { MQTT_PAGE_URL: broker } })
    expect(settings).toThrow(`MQTT_PAGE_URL: "${broker}" must be a ws or wss URL.`)
  },
)

test('page and server meet below the prefix of MQTT_PREFIX', async () => {
  const environment = { MQTT_PREFIX: 'chat/b' }
  const { listener } = await line.open(v.parse(line.environment, environment), {
    base: '',
    limits: defaultHubLimits,
    allowOrigin: () => true,
    addressOf: () => '127.0.0.1',
    admit: () => () => {},
    admitBrokerLine: () => () => {},
    log: { info: () => {}, error: () => {} },
  })
  const handlers = { frame: () => {}, close: () => {} }
  listener.listen(() => handlers)
  const http = createServer().listen(0, '127.0.0.1')
  onTestFinished(async () => {
    await listener.close()
    http.close()
  })
  http.on('upgrade', (request, socket, head) => listener.handleUpgrade?.(request, socket, head))
  await new Promise((resolve) => http.once('listening', resolve))
  const settings = plug.settings({ server: `http://127.0.0.1:${(http.address() as AddressInfo).port}`, environment })
  if (settings === undefined) throw new Error('The page has no MQTT line.')
  const dialer = plug.dialer(settings, () => Promise.reject(new Error('MQTT has no credentials.')))
  const connection = await dialer.dial(handlers, { signal: AbortSignal.timeout(5_000) })
  connection.close()
})

test.each([
  ['MQTT_PORT', '70000'],
  ['MQTT_URL', 'http://broker.example'],
  ['MQTT_CA_FILE', tmpdir()],
  ['MQTT_URL', 'mqtt://['],
  ['MQTT_URL', 'wss://broker.example:99999'],
  ['MQTT_CA_FILE', '/no/such/file'],
  ['MQTT_PREFIX', 'a/#'],
  ['MQTT_PREFIX', 'p'.repeat(129)],
  ['MQTT_OPEN_PREFIX', 'patchbay'],
  ['MQTT_OPEN_PREFIX', 'patchbay/sensors'],
])('refuses %s=%s and names the variable', (name, value) => {
  const { issues = [] } = v.safeParse(line.environment, { [name]: value })
  expect(issues.map((issue) => v.getDotPath(issue))).toEqual([name])
})
