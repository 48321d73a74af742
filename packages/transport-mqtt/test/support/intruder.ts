import mqtt, { type IClientOptions } from 'mqtt'
import { randomId, Topics } from '../../src/wire.ts'

/**
 * Publishes as another client of the broker on the topics of a line, in the name of both ends: a frame, and what would end it.
 * A broker may answer by closing the connection, so each message has one of its own.
 * @param server name of the server that has granted the line; `''` if it has none.
 */
export async function intrude(
  url: string,
  account: Pick<IClientOptions, 'username' | 'password'>,
  { line, server }: { readonly line: string; readonly server: string },
  text: string,
): Promise<void> {
  const topics = new Topics('patchbay')
  const messages: [topic: string, payload: string][] = [
    [topics.up(line, 'frame', server), `0:${text}`],
    [topics.up(line, 'bye', server), '0'],
    [topics.up(line, 'gone'), ''],
    [topics.down(line, 'frame'), `0:${text}`],
    [topics.down(line, 'bye'), '0'],
    [topics.down(line, 'gone'), server],
    [topics.serverGone, server],
  ]
  await Promise.all(messages.map(([topic, payload]) => publishOnce(url, account, topic, payload)))
}

async function publishOnce(
  url: string,
  account: Pick<IClientOptions, 'username' | 'password'>,
  topic: string,
  payload: string,
): Promise<void> {
  const clientId = randomId()
  const client = mqtt.connect(url, { ...account, clientId, reconnectPeriod: 0, protocolVersion: 4 })
  client.on('error', () => {})
  const closed = new Promise<void>((resolve) => client.once('close', () => resolve()))
  await new Promise<void>((resolve, reject) => {
    client.once('connect', () => resolve())
    client.once('close', () => reject(new Error('The broker has refused the intruder.')))
  })
  client.publish(topic, payload)
  // The broker answers in order: what was published before has been dealt with.
  const answered = client.subscribeAsync(new Topics('patchbay').down(clientId, '+')).then(
    () => {},
    () => {},
  )
  await Promise.race([answered, closed])
  client.end(true)
  await closed
}
