import { tmpdir } from 'node:os'
import { expect, test } from 'vitest'
import * as v from 'valibot'
import { plug } from '../src/plug.ts'
import { line } from '../src/serve.ts'

test('the page dials the broker of its own, or that of the server, and may reach no more of it than its origin', () => {
  const server = 'https://chat.example/base'
  const own = plug.settings({ server, environment: { MQTT_PAGE_URL: 'wss://name:password@broker.example:8884/path' } })
  expect(own && plug.origins(own)).toEqual(['wss://broker.example:8884'])
  expect(plug.settings({ server, environment: {} })).toBe('wss://chat.example/base/mqtt')
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
