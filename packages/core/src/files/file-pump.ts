import type { FileMessage } from '@patchbay/protocol'
import { packChunk, WINDOW_BYTES } from './chunk.ts'
import type { OutgoingFile } from './outgoing-file.ts'

/** Files sent to one peer at a time; the others wait. */
const MAX_SENDING = 4

/** What a pump needs from its exchange. */
export interface FilePumpHost {
  /** Bytes that may be queued on the channel before sending pauses. */
  queueBytes(): number
  /** Buffer in which each chunk is encoded; `send` copies it. */
  readonly chunk: Uint8Array<ArrayBuffer>
  channel(): RTCDataChannel | undefined
  files(): Iterable<OutgoingFile>
  send(message: FileMessage): void
  /** A file could not be read, and is over. */
  failed(): void
}

/** Sends the files that one peer has accepted: a part of each in turn, as long as the channel and the window allow. */
export class FilePump {
  readonly #host: FilePumpHost
  /** What is being sent, in turn. A file that was begun goes on: its last pieces are confirmed only with those that follow. */
  #sending: readonly OutgoingFile[] = []
  #running = false
  /** More became ready to send while the pump was running. */
  #again = false

  constructor(host: FilePumpHost) {
    this.#host = host
  }

  /** Something may have become ready to send. */
  start(): void {
    this.#again = true
    if (!this.#running) void this.#run()
  }

  async #run(): Promise<void> {
    this.#running = true
    try {
      while (this.#again) {
        this.#again = false
        const files = [...this.#host.files()]
        const ready = new Set([...this.#sending, ...files].filter((file) => file.sending))
        this.#sending = [...ready].slice(0, MAX_SENDING)
        let room = WINDOW_BYTES - files.reduce((sum, { aheadBytes }) => sum + aheadBytes, 0)
        for (const file of this.#sending) {
          const sent = room > 0 ? await this.#sendSome(file, room) : 0
          room -= sent
          if (sent > 0 && file.sending) this.#again = true
        }
      }
    } finally {
      this.#running = false
    }
  }

  /** Sends one piece, and more while no other file waits for its turn. @returns bytes sent; no piece is begun beyond `most`. */
  async #sendSome(file: OutgoingFile, most: number): Promise<number> {
    const { id, stream } = file
    const queueBytes = this.#host.queueBytes()
    let sent = 0
    try {
      for (;;) {
        const channel = this.#host.channel()
        if (channel?.readyState !== 'open' || !file.sending || sent >= most) return sent
        if (sent > 0 && this.#othersWait(file)) return sent
        channel.bufferedAmountLowThreshold = queueBytes / 2
        if (channel.bufferedAmount > queueBytes) return sent
        const piece = file.held() ?? (await file.take())
        // Reading may outlast the connection; the piece is then the first one requested on the next connection.
        const now = this.#host.channel()
        if (now?.readyState !== 'open' || file.state.phase !== 'moving') return sent
        if (piece === undefined) {
          this.#again = true
          return sent
        }
        if ('sha256' in piece) {
          this.#host.send({ type: 'end', id, sha256: piece.sha256 })
          return sent
        }
        now.send(packChunk({ stream, ...piece }, this.#host.chunk))
        sent += piece.bytes.length
      }
    } catch {
      file.stop('unreadable', true)
      this.#host.send({ type: 'stop', id, why: 'unreadable' })
      this.#host.failed()
      return sent
    }
  }

  #othersWait(file: OutgoingFile): boolean {
    for (const other of this.#host.files()) if (other !== file && other.sending) return true
    return false
  }
}
