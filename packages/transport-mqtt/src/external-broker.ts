import { createHmac } from 'node:crypto'
import type { Rate } from '@patchbay/core/hub'
import { atMost, type Listener, shownId } from '@patchbay/core/transport'
import mqtt, { type IClientOptions } from 'mqtt'
import { sendAtOnce } from './client-stream.ts'
import { ServerLines } from './server-lines.ts'
import { DEFAULT_PREFIX, KEEP_ALIVE_SECONDS, NAME, randomId, Topics } from './wire.ts'

/** An external broker, and the server's login there. */
export interface MqttBrokerOptions {
  /** `mqtt:`, `mqtts:`, `ws:` or `wss:` URL. */
  readonly url: string
  /**
   * Further options of the `mqtt` client: user name, password, TLS. Servers that share rooms share the password too: it keeps
   * clients of the broker from taking requests that are for the servers.
   */
  readonly broker?: IClientOptions
  /** First levels of this deployment's topics. Servers that share rooms share it too, and each gets some of the lines. */
  readonly prefix?: string
  /** Asked before a line is opened. @returns the undo to call when it is gone, or `undefined` to refuse it. */
  readonly admit?: () => (() => void) | undefined
  /** Messages of one line, beyond which it is lost; by default 200 a second, and 1 000 at once. */
  readonly rate?: Rate
  /** Called on refusals and outages of the broker. The client reconnects by itself. */
  readonly onError?: (error: Error) => void
}

/**
 * Messages of one line, by default: more than a session may say by default, and than a broker makes of them that delivers
 * twice. What is not a frame reaches no session, so nothing else counts it.
 */
const MESSAGE_RATE: Rate = { perSecond: 200, burst: 1_000 }
const RECONNECT_MS = 500
/** How long after a refusal the broker is asked for the topics again. */
const RETRY_MS = 1_000
const MAX_SPENT = 10_000
/** How long the broker has to take the last words and the end of the connection, in milliseconds. */
const LEAVE_MS = 1_500
const once = { qos: 0, retain: false } as const

/** A listener on an external broker. */
export interface MqttBrokerListener extends Listener {
  /** Resolves when the broker has accepted the server's subscription for the first time. */
  readonly ready: Promise<void>
}

/** Listens as a client of an external broker. The broker must enforce who may read and write which topic. */
export function listenMqttBroker({
  url,
  broker,
  prefix = DEFAULT_PREFIX,
  admit = () => () => {},
  rate = MESSAGE_RATE,
  onError = () => {},
}: MqttBrokerOptions): MqttBrokerListener {
  const topics = new Topics(prefix)
  // Not its client id: clients are told the name, and whoever has a client id can take its connection over.
  const name = randomId()
  let closed = false
  let again: NodeJS.Timeout | undefined
  const report = (error: Error) => {
    if (!closed) onError(error)
  }
  const client = mqtt.connect(url, {
    ...broker,
    protocolVersion: 4,
    clientId: randomId(),
    clean: true,
    keepalive: KEEP_ALIVE_SECONDS,
    reconnectPeriod: RECONNECT_MS,
    // A broker that is starting may refuse for a while.
    reconnectOnConnackError: true,
    resubscribe: false,
    queueQoSZero: false,
    will: { topic: topics.serverGone, payload: Buffer.from(name), ...once },
  })
  // Of the client's options: the login may be in the URL.
  const subscriptions = topics.everyUp(name, shareGroup(prefix, client.options.password))
  /** Ids of the most recently ended lines: an id is good for one line, so a client needs a new id and connection. */
  const spent = new Set<string>()
  const lines = new ServerLines(
    (line, kind, payload) => client.publish(topics.down(line, kind), payload, once),
    (line) => {
      spent.add(line)
      for (const oldest of spent) {
        if (spent.size <= MAX_SPENT) break
        spent.delete(oldest)
      }
    },
    admit,
    name,
    rate,
  )
  const ready = new Promise<void>((resolve) => {
    client.on('connect', () => {
      sendAtOnce(client)
      // Lines from before the (re)connect are over.
      client.publish(topics.serverGone, name, once)
      const subscribe = (isTold = false) =>
        client.subscribe(subscriptions, { qos: 0 }, (error) => {
          if (error === null) return resolve()
          // There will be another connection, and this again.
          if (!client.connected) return report(error)
          const denied = `The broker denies "${subscriptions.join('", "')}" to the server.`
          if (!isTold) report(new Error(denied, { cause: error }))
          // Its rules may not be loaded yet.
          again = setTimeout(subscribe, RETRY_MS, true)
        })
      subscribe()
    })
  })
  client.on('message', (topic, payload) => {
    const message = topics.readUp(topic, name)
    // The broker does not tell where a client is, so each is taken for an address of its own.
    if (message && !spent.has(message.line))
      lines.take(message.line, message.kind, payload, { address: `broker/${shownId(message.line)}`, origin: undefined })
  })
  client.on('close', () => {
    clearTimeout(again)
    lines.loseAll()
  })
  client.on('error', report)

  return {
    name: NAME,
    ready,
    listen: (accept) => lines.listen(accept),
    async close() {
      closed = true
      lines.close()
      // A broker that hangs never answers, and never ends its side.
      await atMost(LEAVE_MS, client.endAsync())
      client.stream.destroy()
    },
  }
}

/**
 * The broker hands each request to one client of the group, whoever that is, so only servers may know its name. All servers of a
 * deployment make the same one of the password that they have at the broker.
 */
function shareGroup(prefix: string, password: IClientOptions['password']): string {
  return password === undefined ? 'servers' : createHmac('sha256', password).update(prefix).digest('base64url')
}
