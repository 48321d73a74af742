import type { SendSample } from './link-quality.ts'
import { pairInUse, reportOf, type Stat } from '../statistics/stats-report.ts'

/** Samples video sending on one connection repeatedly; shares cover the time since the last sample. */
export class SendSampler {
  readonly #pc: RTCPeerConnection
  #before = new Map<string, Stat>()

  constructor(pc: RTCPeerConnection) {
    this.#pc = pc
  }

  /** @returns `undefined` while no video is being sent. */
  async read(): Promise<SendSample | undefined> {
    const report = await reportOf(this.#pc)
    const stats = [...report.values()]
    const streams = stats.filter(({ type }) => type === 'outbound-rtp')
    const sent = streams.filter(({ kind, framesEncoded = 0 }) => kind === 'video' && framesEncoded > 0)
    const before = this.#before
    this.#before = new Map(streams.map((stat) => [stat.id, stat]))
    if (sent.length === 0) return undefined
    const told = stats.filter(({ type, kind }) => type === 'remote-inbound-rtp' && kind === 'video')
    /** Growth per second of what a stream counts. */
    const rate = (stat: Stat, count: 'bytesSent' | 'totalEncodeTime') => {
      const { timestamp, [count]: counted = 0 } = before.get(stat.id) ?? stat
      const seconds = (stat.timestamp - timestamp) / 1_000
      return seconds > 0 ? ((stat[count] ?? 0) - counted) / seconds : 0
    }
    const roundTrips = told.flatMap(({ roundTripTime }) => (roundTripTime === undefined ? [] : [1_000 * roundTripTime]))
    return {
      availableBitrate: pairInUse(report)?.pair.availableOutgoingBitrate,
      sentBitrate: streams.reduce((sum, stat) => sum + 8 * rate(stat, 'bytesSent'), 0),
      loss: Math.max(0, ...told.map(({ fractionLost = 0 }) => fractionLost)),
      roundTripMs: roundTrips.length === 0 ? undefined : Math.max(...roundTrips),
      cpuLimited: sent.some(({ qualityLimitationReason }) => qualityLimitationReason === 'cpu'),
      encoding: Math.max(...sent.map((stat) => rate(stat, 'totalEncodeTime'))),
    }
  }
}
