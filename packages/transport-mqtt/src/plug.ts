import { lazyDialer } from '@patchbay/core/transport'
import type { LinePlug } from '@patchbay/plug'

interface MqttSettings {
  readonly url: string
  /** Absent for the default one. */
  readonly prefix?: string
}

/** The line for pages; at `/mqtt` of the server, or at the broker of `MQTT_PAGE_URL`; its topics are below `MQTT_PREFIX`. */
export const plug: LinePlug<MqttSettings> = {
  name: 'mqtt',
  label: 'MQTT',
  ahead: false,
  traits: { lostWithinMs: 1_000 },
  /** @throws {Error} that names the variable when `MQTT_PAGE_URL` is set to something else than a WebSocket URL. */
  settings({ server, environment: { MQTT_PAGE_URL: broker, MQTT_PREFIX: prefix } }) {
    if (broker && !(/^wss?:/.test(broker) && URL.canParse(broker)))
      throw new Error(`MQTT_PAGE_URL: "${broker}" must be a ws or wss URL.`)
    const url = broker || `${server.replace('http', 'ws')}/mqtt`
    return prefix ? { url, prefix } : { url }
  },
  origins: ({ url }) => [new URL(url).origin],
  dialer: (settings) =>
    lazyDialer('mqtt', async () => {
      const { dialMqtt } = await import('./client.ts')
      return dialMqtt(settings)
    }),
  serve: '@patchbay/transport-mqtt/serve',
}
