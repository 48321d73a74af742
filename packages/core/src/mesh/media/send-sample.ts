import type { SendSample } from './link-quality.ts'
import { pairInUse, reportOf, type Stat } from '../statistics/stats-report.ts'

/** Samples video sending on one connection repeatedly; shares cover the time since the last sample. */
export class SendSampler {
  readonly #pc: RTCPeerConnection
  #before = new Map<string, Stat>()
  /** When the other end last reported on a stream that was paused: its next report is the first of what is sent now. */
  readonly #outdated = new Map<string, number>()

  constructor(pc: RTCPeerConnection) {
    this.#pc = pc
  }

  /** @returns `undefined` while no video is sent, or what is sent is shown to nobody, which says nothing of the path. */
  async read(): Promise<SendSample | undefined> {
    const report = await reportOf(this.#pc)
    const stats = [...report.values()]
    const streams = stats.filter(({ type }) => type === 'outbound-rtp')
    const before = this.#before
    this.#before = new Map(streams.map((stat) => [stat.id, stat]))
    const sent = streams.filter(({ kind, framesEncoded = 0 }) => kind === 'video' && framesEncoded > 0)
    /** Growth per second of what a stream counts. */
    const rate = (stat: Stat, count: 'bytesSent' | 'framesEncoded' | 'totalEncodeTime') => {
      const { timestamp, [count]: counted = 0 } = before.get(stat.id) ?? stat
      const seconds = (stat.timestamp - timestamp) / 1_000
      return seconds > 0 ? ((stat[count] ?? 0) - counted) / seconds : 0
    }
    const moving = sent.filter((stat) => rate(stat, 'framesEncoded') > 0)
    const reports = stats.filter(({ type, kind }) => type === 'remote-inbound-rtp' && kind === 'video')
    for (const { id, localId, timestamp } of reports)
      if (!moving.some((stat) => stat.id === localId)) this.#outdated.set(id, timestamp)
    if (moving.length === 0) return undefined
    const told = reports.filter(({ id, timestamp }) => this.#outdated.get(id) !== timestamp)
    const roundTrips = told.flatMap(({ roundTripTime }) => roundTripTime ?? [])
    return {
      availableBitrate: pairInUse(report)?.pair.availableOutgoingBitrate,
      sentBitrate: sent.length > 1 ? Infinity : streams.reduce((sum, stat) => sum + 8 * rate(stat, 'bytesSent'), 0),
      loss: Math.max(0, ...told.map(({ fractionLost = 0 }) => fractionLost)),
      roundTripMs: roundTrips.length > 0 ? 1_000 * Math.max(...roundTrips) : undefined,
      cpuLimited: sent.some(({ qualityLimitationReason }) => qualityLimitationReason === 'cpu'),
      encoding: Math.max(...sent.map((stat) => rate(stat, 'totalEncodeTime'))),
    }
  }
}
