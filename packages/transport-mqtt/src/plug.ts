import { lazyDialer } from '@patchbay/core/transport'
import type { LinePlug } from '@patchbay/plug'

/** The line for pages; at `/mqtt` of the server, or at the broker of `MQTT_PAGE_URL`. */
export const plug: LinePlug<string> = {
  name: 'mqtt',
  label: 'MQTT',
  ahead: false,
  traits: { lostWithinMs: 1_000 },
  settings({ server, environment: { MQTT_PAGE_URL: broker } }) {
    return broker !== undefined && URL.canParse(broker) ? broker : `${server.replace('http', 'ws')}/mqtt`
  },
  origins: (url) => [new URL(url).origin],
  dialer: (url) =>
    lazyDialer('mqtt', async () => {
      const { dialMqtt } = await import('./client.ts')
      return dialMqtt({ url })
    }),
  serve: '@patchbay/transport-mqtt/serve',
}
