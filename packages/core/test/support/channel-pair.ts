import { copied, FakeEventTarget } from '../simulator/fake-internet.ts'

/** One end of an ordered, reliable in-process data channel, with Chromium's limits. */
export class FakeChannel extends FakeEventTarget {
  readyState: RTCDataChannelState = 'connecting'
  binaryType = 'blob'
  bufferedAmountLowThreshold = 0
  bufferedAmount = 0
  /** Transforms each message in transit: its return value is delivered. */
  tamper: (data: string | ArrayBuffer) => string | ArrayBuffer = (data) => data
  /** Number of chunks that get through; later ones stay in transit for ever. */
  passes = Infinity
  #far: FakeChannel | undefined

  /** Two ends that open at the end of this turn. */
  static pair(): [FakeChannel, FakeChannel] {
    const [a, b] = [new FakeChannel(), new FakeChannel()]
    a.#far = b
    b.#far = a
    setImmediate(() => {
      for (const end of [a, b]) if (end.readyState === 'connecting') end.#open()
    })
    return [a, b]
  }

  send(sent: string | ArrayBuffer | Uint8Array<ArrayBuffer>): void {
    const data = copied(sent)
    if (this.readyState !== 'open') throw new Error('not open')
    const size = typeof data === 'string' ? data.length : data.byteLength
    if (size > 262_144) throw new TypeError('larger than max-message-size')
    if (typeof data !== 'string' && (this.passes -= 1) < 0) return
    this.bufferedAmount += size
    if (this.bufferedAmount > 16_777_216) throw new Error('send queue is full')
    const arriving = this.tamper(data)
    setImmediate(() => {
      const before = this.bufferedAmount
      this.bufferedAmount -= size
      if (this.#far?.readyState === 'open') this.#far.emit('message', { data: arriving })
      const low = this.bufferedAmountLowThreshold
      if (before > low && this.bufferedAmount <= low) this.emit('bufferedamountlow')
    })
  }

  /** Loses the connection: both ends close, and messages in transit are dropped. */
  lose(): void {
    for (const end of [this, this.#far]) {
      if (end === undefined || end.readyState === 'closed') continue
      end.readyState = 'closed'
      end.emit('close')
    }
  }

  #open(): void {
    this.readyState = 'open'
    this.emit('open')
  }
}
