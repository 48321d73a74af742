import mqtt, { type IClientOptions } from 'mqtt'
import { randomId, Topics } from '../../src/wire.ts'

/**
 * Publishes as another client of the broker on the topics of a line, in the name of both ends: a frame, and what would end it.
 * A broker may answer by closing the connection, so each message has one of its own. Then it connects as the line's id, as it is
 * known in logs, and publishes the same.
 * @param line its id; `clientId` is that of its client.
 * @param server name of the server that has granted the line; `''` if it has none.
 */
export async function intrude(
  url: string,
  account: Pick<IClientOptions, 'username' | 'password'>,
  { line, clientId, server }: { readonly line: string; readonly clientId: string; readonly server: string },
  text: string,
): Promise<void> {
  const topics = new Topics('patchbay')
  const messages = (client: string): [topic: string, payload: string][] => [
    [topics.up(client, 'frame', server), `0:${text}`],
    [topics.up(client, 'bye', server), '0'],
    [topics.up(client, 'gone'), ''],
    [topics.down(client, 'frame'), `0:${text}`],
    [topics.down(client, 'bye'), '0'],
    [topics.down(client, 'gone'), server],
    [topics.serverGone, server],
  ]
  const publish = (id: string) => (message: [topic: string, payload: string]) => publishOnce(url, account, id, message)
  await Promise.all(messages(clientId).map((message) => publish(randomId())(message)))
  // The built-in broker refuses a client with such an id.
  for (const message of messages(line)) await publish(line)(message).catch(() => {})
}

async function publishOnce(
  url: string,
  account: Pick<IClientOptions, 'username' | 'password'>,
  clientId: string,
  [topic, payload]: [topic: string, payload: string],
): Promise<void> {
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
