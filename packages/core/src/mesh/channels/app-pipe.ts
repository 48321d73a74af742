import { TrafficBudget, type TrafficRate } from '../../traffic-budget.ts'
import type { Clock } from '../../transport/index.ts'

/** What is sent to one peer on one channel, in frames and bytes; as many frames once more as answers to it. */
const OUTGOING: TrafficRate = {
  messages: { perSecond: 400, burst: 800 },
  size: { perSecond: 4_194_304, burst: 4_194_304 },
}

/** One data channel of application messages, with its bounds in both directions. */
export class AppPipe {
  readonly #channel: RTCDataChannel
  readonly #maxQueued: number
  readonly #clock: Clock
  readonly #outgoing = new TrafficBudget(OUTGOING)
  /** Who asks without end keeps nobody from sending. */
  readonly #answers = new TrafficBudget(OUTGOING)
  #put = 0
  #goneBefore = 0
  #fullBeats = 0

  constructor(
    channel: RTCDataChannel,
    maxQueued: number,
    clock: Clock,
    on: { opened: () => void; arrived: (data: unknown) => void; drained: () => void },
  ) {
    this.#channel = channel
    this.#maxQueued = maxQueued
    this.#clock = clock
    channel.binaryType = 'arraybuffer'
    channel.addEventListener('message', ({ data }: MessageEvent<unknown>) => on.arrived(data))
    channel.addEventListener('open', on.opened)
    channel.addEventListener('bufferedamountlow', on.drained)
  }

  get state(): RTCDataChannelState {
    return this.#channel.readyState
  }

  /** Whether a frame of that size can be sent now. */
  hasRoom(size: number, isAnswer = false): boolean {
    return this.#channel.bufferedAmount < this.#maxQueued && this.#budget(isAnswer).has(size, this.#clock.now())
  }

  send(frame: Uint8Array<ArrayBuffer>, isAnswer: boolean): void {
    this.#budget(isAnswer).take(frame.length, this.#clock.now())
    this.#put += frame.length
    this.#channel.send(frame)
  }

  #budget(isAnswer: boolean): TrafficBudget {
    return isAnswer ? this.#answers : this.#outgoing
  }

  /**
   * Called with each heartbeat. @param passes whether the path works: on one that does not no queue gets shorter.
   * @returns for how many heartbeats the queue has been full, and nothing has left it, on a path that works.
   */
  fullBeats(passes: boolean): number {
    const queued = this.#channel.bufferedAmount
    // What is sent meanwhile fills the queue again.
    const gone = this.#put - queued
    const isStuck = passes && queued >= this.#maxQueued && gone <= this.#goneBefore
    this.#goneBefore = gone
    return (this.#fullBeats = isStuck ? this.#fullBeats + 1 : 0)
  }
}
