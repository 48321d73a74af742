import { type AcceptedConnection, type ConnectionHandlers, LineEnd, type RemoteEnd } from '@patchbay/core/transport'
import { type Kind, MAX_FRAME_BYTES, MAX_WAITING, readFrame } from './wire.ts'

/** Sends a message to the client of a line. */
export type Publish = (line: string, kind: Kind, payload: string) => void

/** The server's end of one line. */
class ServerLine implements AcceptedConnection {
  readonly id: string
  readonly remote: RemoteEnd
  readonly #publish: Publish
  readonly #forget: () => void
  readonly #end = new LineEnd()
  #sent = 0
  #received = 0
  /** UTF-16 code units of frames sent, and how many of them the client has consumed. */
  #sentSize = 0
  #takenSize = 0

  constructor(id: string, remote: RemoteEnd, publish: Publish, forget: () => void) {
    this.id = id
    this.remote = remote
    this.#publish = publish
    this.#forget = forget
  }

  own(handlers: ConnectionHandlers): void {
    this.#end.own(handlers)
  }

  send(text: string): void {
    if (!this.#end.open) return
    this.#publish(this.id, 'frame', `${this.#sent}:${text}`)
    this.#sent += 1
    this.#sentSize += text.length
    if (this.#sentSize - this.#takenSize > MAX_WAITING) this.lose()
  }

  close(): void {
    if (!this.#end.end('local')) return
    this.#publish(this.id, 'bye', '')
    this.#forget()
  }

  /** Handles one message from the client. */
  take(kind: Kind, payload: Buffer): void {
    switch (kind) {
      case 'frame':
        return this.#frame(payload)
      case 'taken':
        return this.#take(Number(payload.toString()))
      case 'bye':
        if (this.#end.end('remote')) this.#forget()
        return
      case 'gone':
        return this.lose()
      case 'open':
      // Already open: nothing to do.
    }
  }

  /** Ends the line as lost: the path is broken, or the client misbehaves. */
  lose(): void {
    if (!this.#end.end('lost')) return
    this.#publish(this.id, 'gone', '')
    this.#forget()
  }

  #frame(payload: Buffer): void {
    const frame = readFrame(payload.toString())
    const tooBig = frame === undefined || payload.length - String(frame.n).length - 1 > MAX_FRAME_BYTES
    if (tooBig || frame.n !== this.#received) return this.lose()
    this.#received += 1
    this.#end.frame(frame.text)
  }

  #take(size: number): void {
    if (!(size >= this.#takenSize && size <= this.#sentSize)) return this.lose()
    this.#takenSize = size
  }
}

/** All lines of a server, on either kind of broker. */
export class ServerLines {
  readonly #publish: Publish
  readonly #ended: (line: string) => void
  readonly #admit: () => (() => void) | undefined
  readonly #lines = new Map<string, ServerLine>()
  #accept: ((connection: AcceptedConnection) => ConnectionHandlers) | undefined
  #closed = false

  /**
   * @param ended hears of each line that is over.
   * @param admit asked before a line is opened. @returns the undo to call when it is gone, or `undefined` to refuse it.
   */
  constructor(
    publish: Publish,
    ended: (line: string) => void = () => {},
    admit: () => (() => void) | undefined = () => () => {},
  ) {
    this.#publish = publish
    this.#ended = ended
    this.#admit = admit
  }

  /** See `Listener.listen`. */
  listen(accept: (connection: AcceptedConnection) => ConnectionHandlers): void {
    this.#accept = accept
  }

  /** Handles one message from a client. @param remote the client, as far as it is known. */
  take(id: string, kind: Kind, payload: Buffer, remote: RemoteEnd): void {
    const line = this.#lines.get(id)
    if (line !== undefined) line.take(kind, payload)
    else if (kind === 'open' && !this.#closed && this.#accept !== undefined) this.#open(id, remote, this.#accept)
    // An unknown line, from before a restart or already ended: tell the client at once.
    else if (kind !== 'bye' && kind !== 'gone') this.#publish(id, 'gone', '')
  }

  /** The client of a line has disconnected without a goodbye. */
  lose(id: string): void {
    this.#lines.get(id)?.lose()
  }

  /** The broker is gone, so every line is lost. */
  loseAll(): void {
    for (const line of [...this.#lines.values()]) line.lose()
  }

  /** Ends every line and opens no more. */
  close(): void {
    this.#closed = true
    for (const line of [...this.#lines.values()]) line.close()
  }

  #open(id: string, remote: RemoteEnd, accept: (connection: AcceptedConnection) => ConnectionHandlers): void {
    const release = this.#admit()
    if (release === undefined) return this.#publish(id, 'gone', '')
    const line = new ServerLine(id, remote, this.#publish, () => {
      this.#lines.delete(id)
      release()
      this.#ended(id)
    })
    this.#lines.set(id, line)
    this.#publish(id, 'open', '')
    line.own(accept(line))
  }
}
