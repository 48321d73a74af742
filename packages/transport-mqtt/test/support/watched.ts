import mqtt, { type IClientOptions, type MqttClient } from 'mqtt'

/** Clients that a test has created, and how many are still open. */
export class WatchedClients {
  readonly #clients: MqttClient[] = []
  #open = 0
  /** Name of the server that has granted the newest line; `''` if it has none. */
  server = ''

  readonly connect = (url: string, options: IClientOptions): MqttClient => {
    const client = mqtt.connect(url, options)
    this.#clients.push(client)
    this.#open += 1
    client.on('message', (topic, payload) => topic.endsWith('/open') && (this.server = payload.toString()))
    client.once('close', () => (this.#open -= 1))
    return client
  }

  get open(): number {
    return this.#open
  }

  get newest(): MqttClient {
    const client = this.#clients.at(-1)
    if (client === undefined) throw new Error('No client was made yet.')
    return client
  }
}
