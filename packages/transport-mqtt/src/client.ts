import {
  type Connection,
  type ConnectionHandlers,
  type Dialer,
  DialError,
  type DialFailure,
  InOrder,
  LineEnd,
  systemClock,
  shownId,
} from '@patchbay/core/transport'
import mqtt, { type IClientOptions, type MqttClient } from 'mqtt'
import { sendAtOnce, sendInPieces } from './client-stream.ts'
import {
  DEFAULT_PREFIX,
  type Kind,
  KEEP_ALIVE_SECONDS,
  LINE_ID,
  NAME,
  randomId,
  readBye,
  readFrame,
  TAKEN_EVERY,
  Topics,
} from './wire.ts'

/** Where and how to dial. */
export interface MqttDialerOptions {
  /** `ws:`, `wss:`, `mqtt:` or `mqtts:` URL of the broker; the last two in Node only. May contain credentials. */
  readonly url: string
  /** First levels of the deployment's topics. */
  readonly prefix?: string
  /** Further options of the `mqtt` client: TLS, user name, password. */
  readonly broker?: IClientOptions
  /** Creates the client; by default `connect` of the `mqtt` package. Tests may replace it. */
  readonly connect?: (url: string, options: IClientOptions) => MqttClient
}

/** How long to wait for the server's `open`; a broker with no Patchbay server behind it never answers. */
const OPEN_MS = 3_000
/** Between two requests for a line: a broker may lose one. */
const ASK_EVERY_MS = 1_000
/** How long the broker may take to end its side after the line has ended. */
const LEAVE_MS = 2_000
/** Messages that may come before the grant. */
const MAX_EARLY = 256
const once = { qos: 0, retain: false } as const

/** Dials a Patchbay server through an MQTT 3.1.1 broker, built-in or external. */
export function dialMqtt(options: MqttDialerOptions): Dialer {
  return {
    name: NAME,
    dial(handlers, { signal }) {
      return new Promise((resolve, reject) => {
        signal.throwIfAborted()
        if (!URL.canParse(options.url))
          throw new DialError(NAME, `"${options.url}" is not a URL.`, { failure: 'unusable' })
        const opened = (line: Connection) => {
          signal.removeEventListener('abort', abort)
          resolve(line)
        }
        const failed = (cause: unknown, failure: DialFailure) => {
          signal.removeEventListener('abort', abort)
          reject(failedDial(options.url, cause, failure))
        }
        let line: MqttLine
        try {
          line = new MqttLine(options, handlers, opened, failed)
        } catch (cause) {
          throw failedDial(options.url, cause, 'unusable')
        }
        const abort = () => {
          reject(signal.reason as Error)
          line.abandon()
        }
        signal.addEventListener('abort', abort, { once: true })
      })
    },
  }
}

function failedDial(url: string, cause: unknown, failure: DialFailure): DialError {
  const why = cause instanceof Error ? `: ${cause.message.replace(/\.$/, '')}` : ''
  return new DialError(NAME, `No MQTT line at ${new URL(url).host}${why}.`, { cause, failure })
}

/** A refusal of the connection has its return code (MQTT 3.1.1 §3.2.2.3); trouble on the way has none, or a text. */
const isRefusal = (cause: unknown) => cause instanceof Error && 'code' in cause && typeof cause.code === 'number'

class MqttLine implements Connection {
  /** Anyone who knows it could impersonate the client, so it has the entropy of a key. */
  readonly #clientId = randomId()
  readonly id: string = shownId(this.#clientId)
  readonly #topics: Topics
  readonly #end = new LineEnd()
  readonly #handlers: ConnectionHandlers
  readonly #client: MqttClient
  readonly #opened: (line: Connection) => void
  readonly #failed: (cause: unknown, failure: DialFailure) => void
  #open = false
  /** What the broker has delivered before the grant, which was sent before it. */
  readonly #early: (readonly [string, Buffer])[] = []
  /** Name of the server that has granted the line, if it has said one. */
  #server = ''
  #sent = 0
  readonly #incoming = new InOrder(systemClock, {
    deliver: (text) => this.#deliver(text),
    lost: () => this.#lose(new Error('The broker has lost a message.')),
  })
  #taken = 0
  #told = 0
  #openTimer: ReturnType<typeof setTimeout> | undefined
  #askTimer: ReturnType<typeof setInterval> | undefined

  constructor(
    { url, prefix = DEFAULT_PREFIX, broker, connect = mqtt.connect }: MqttDialerOptions,
    handlers: ConnectionHandlers,
    opened: (line: Connection) => void,
    failed: (cause: unknown, failure: DialFailure) => void,
  ) {
    this.#topics = new Topics(prefix)
    this.#handlers = handlers
    this.#opened = opened
    this.#failed = failed
    const client = connect(url, {
      ...broker,
      protocolVersion: 4,
      clientId: this.#clientId,
      clean: true,
      keepalive: KEEP_ALIVE_SECONDS,
      // In a browser the package would keep time in a worker made of a blob, which a page's security policy may forbid.
      timerVariant: 'native',
      reconnectPeriod: 0,
      resubscribe: false,
      queueQoSZero: false,
      will: { topic: this.#topics.up(this.#clientId, 'gone'), payload: '', ...once },
    })
    this.#client = client
    client.on('connect', () => {
      sendAtOnce(client)
      sendInPieces(client)
      this.#subscribe()
    })
    client.on('message', (topic, payload) => this.#take(topic, payload))
    client.on('error', (error) => this.#lose(error))
    client.on('close', () => this.#lose(new Error('The broker closed the connection.')))
  }

  send(text: string): void {
    if (!this.#end.open) return
    this.#publish('frame', `${this.#sent}:${text}`)
    this.#sent += 1
  }

  close(): void {
    if (!this.#end.end('local')) return
    this.#incoming.stop()
    this.#publish('bye', String(this.#sent))
    this.#leave()
  }

  /** Cancels the dial attempt. */
  abandon(): void {
    if (!this.#open) this.#lose(undefined)
  }

  #subscribe(): void {
    const topics = [this.#topics.down(this.#clientId, '+'), this.#topics.serverGone]
    this.#client.subscribe(topics, { qos: 0 }, (error) => {
      if (error !== null) {
        const denied = new Error('The broker denies the topics of the line.', { cause: error })
        return this.#client.connected ? this.#lose(denied, 'refused') : this.#lose(error)
      }
      this.#publish('open')
      this.#askTimer = setInterval(() => this.#publish('open'), ASK_EVERY_MS)
      this.#openTimer = setTimeout(() => this.#lose(new Error('No server answers behind this broker.')), OPEN_MS)
    })
  }

  #take(topic: string, payload: Buffer): void {
    if (topic === this.#topics.serverGone)
      return payload.toString() === this.#server ? this.#lose(new Error('The server is gone.')) : undefined
    const isGrant = topic === this.#topics.down(this.#clientId, 'open')
    if (!this.#open && !isGrant && topic !== this.#topics.down(this.#clientId, 'gone')) {
      this.#early.push([topic, payload])
      return this.#early.length > MAX_EARLY ? this.#lose(new Error('The server does not grant the line.')) : undefined
    }
    switch (topic) {
      case this.#topics.down(this.#clientId, 'open'):
        return this.#offered(payload.toString())
      case this.#topics.down(this.#clientId, 'frame'):
        return this.#frame(payload.toString())
      case this.#topics.down(this.#clientId, 'bye'):
        return this.#incoming.finish(readBye(payload.toString()), () => {
          if (this.#end.end('remote')) this.#leave()
        })
      case this.#topics.down(this.#clientId, 'gone'):
        return this.#isOurs(payload)
          ? this.#lose(new Error('The server does not know this line.'), 'refused')
          : undefined
    }
  }

  /** Whether what a server says of itself is for this line: it is named, or there is only one. */
  #isOurs(name: Buffer): boolean {
    return name.length === 0 || this.#server === '' || name.toString() === this.#server
  }

  #offered(server: string): void {
    if (this.#open && server !== this.#server) {
      // A request that was repeated has reached another server as well.
      if (LINE_ID.test(server)) this.#client.publish(this.#topics.up(this.#clientId, 'gone', server), '', once)
      return
    }
    if (LINE_ID.test(server)) this.#server = server
    this.#granted()
  }

  #granted(): void {
    if (this.#open || !this.#end.open) return
    this.#open = true
    this.#end.own(this.#handlers)
    this.#stopAsking()
    // Tells this server that it is the one, before there is anything else to say.
    this.#publish('taken', '0')
    this.#opened(this)
    for (const [topic, payload] of this.#early.splice(0)) this.#take(topic, payload)
  }

  #frame(payload: string): void {
    const frame = readFrame(payload)
    if (frame === undefined) return this.#lose(new Error('The server sent a frame without a number.'))
    this.#incoming.take(frame.n, frame.text)
  }

  #deliver(text: string): void {
    this.#taken += text.length
    if (this.#taken - this.#told >= TAKEN_EVERY) {
      this.#told = this.#taken
      this.#publish('taken', String(this.#taken))
    }
    this.#end.frame(text)
  }

  #stopAsking(): void {
    clearTimeout(this.#openTimer)
    clearInterval(this.#askTimer)
  }

  #publish(kind: Kind, payload = ''): void {
    this.#client.publish(this.#topics.up(this.#clientId, kind, this.#server), payload, once)
  }

  #leave(): void {
    this.#client.end()
    // A broker that hangs never ends its side.
    const giveUp = setTimeout(() => this.#client.stream.destroy(), LEAVE_MS)
    this.#client.once('close', () => clearTimeout(giveUp))
  }

  #lose(cause: unknown, failure: DialFailure = isRefusal(cause) ? 'refused' : 'unreachable'): void {
    this.#stopAsking()
    this.#incoming.stop()
    // After our own `close`, the goodbye is still being sent.
    if (!this.#end.end('lost')) return
    if (!this.#open) this.#failed(cause, failure)
    this.#client.end(true)
  }
}
