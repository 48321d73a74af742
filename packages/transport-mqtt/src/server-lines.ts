import { type AcceptedConnection, type ConnectionHandlers, LineEnd, type RemoteEnd } from '@patchbay/core/transport'
import { type Kind, MAX_FRAME_BYTES, MAX_WAITING, readFrame } from './wire.ts'

/** How the server reaches the client of a line. */
export type Publish = (line: string, kind: Kind, payload: string) => void

/** One line at the server's end. */
class ServerLine implements AcceptedConnection {
  readonly id: string
  readonly remote: RemoteEnd
  readonly #publish: Publish
  readonly #forget: () => void
  readonly #end = new LineEnd()
  #sent = 0
  #received = 0
  /** UTF-16 code units of frames sent, and those of them that the client has taken. */
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

  /** Takes one message of the client's. */
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
      // Once is enough.
    }
  }

  /** The path is broken, or the client misbehaves. */
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

/** All lines of a server, whatever broker their messages come by. */
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

  /** Takes one message of a client's. `remote`: who it is, as far as that is known. */
  take(id: string, kind: Kind, payload: Buffer, remote: RemoteEnd): void {
    const line = this.#lines.get(id)
    if (line !== undefined) line.take(kind, payload)
    else if (kind === 'open' && !this.#closed && this.#accept !== undefined) this.#open(id, remote, this.#accept)
    // A line of an earlier life of this server, or one it has ended: its client need not wait to find out.
    else if (kind !== 'bye' && kind !== 'gone') this.#publish(id, 'gone', '')
  }

  /** The client of a line is gone, without a word. */
  lose(id: string): void {
    this.#lines.get(id)?.lose()
  }

  /** The broker is gone, and every line with it. */
  loseAll(): void {
    for (const line of [...this.#lines.values()]) line.lose()
  }

  /** Ends every line; opens none any more. */
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
