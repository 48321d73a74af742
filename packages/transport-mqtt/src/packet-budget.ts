import { type Rate, TokenBucket } from '@patchbay/core/hub'

/** What one connection may send: packets of every kind, and their bytes. */
export interface MqttRate {
  readonly packets: Rate
  readonly bytes: Rate
}

/** Twice what a session may say, so that the hub, which can say why, is first to object. */
export const defaultMqttRate: MqttRate = {
  packets: { perSecond: 100, burst: 400 },
  bytes: { perSecond: 1024 * 1024, burst: 4 * 1024 * 1024 },
}

/** The same for connections that are no lines: sensors and dashboards, whose messages go to everyone who listens. */
const openRate: MqttRate = {
  packets: { perSecond: 20, burst: 100 },
  bytes: { perSecond: 64 * 1024, burst: 256 * 1024 },
}

/** Counts what comes on one connection against what is taken of it. */
export class PacketBudget {
  #packets: TokenBucket
  #bytes: TokenBucket

  constructor(rate: MqttRate) {
    const now = performance.now()
    this.#packets = new TokenBucket(rate.packets, now)
    this.#bytes = new TokenBucket(rate.bytes, now)
  }

  /** The connection is no line's. */
  tighten(): void {
    const now = performance.now()
    this.#packets = new TokenBucket(openRate.packets, now)
    this.#bytes = new TokenBucket(openRate.bytes, now)
  }

  /** @returns whether a packet of that many bytes may still come. */
  take(bytes: number): boolean {
    const now = performance.now()
    return this.#packets.tryTake(1, now) && this.#bytes.tryTake(bytes, now)
  }
}
