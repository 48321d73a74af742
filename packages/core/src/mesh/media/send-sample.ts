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
    const sent = stats.filter(
      ({ type, kind, framesEncoded = 0 }) => type === 'outbound-rtp' && kind === 'video' && framesEncoded > 0,
    )
    const before = this.#before
    this.#before = new Map(sent.map((stat) => [stat.id, stat]))
    if (sent.length === 0) return undefined
    const told = stats.filter(({ type, kind }) => type === 'remote-inbound-rtp' && kind === 'video')
    const shares = sent.map((stat) => {
      const { timestamp, totalEncodeTime } = before.get(stat.id) ?? stat
      const seconds = (stat.timestamp - timestamp) / 1_000
      return seconds > 0 ? ((stat.totalEncodeTime ?? 0) - (totalEncodeTime ?? 0)) / seconds : 0
    })
    const roundTrips = told.flatMap(({ roundTripTime }) => (roundTripTime === undefined ? [] : [1_000 * roundTripTime]))
    return {
      availableBitrate: pairInUse(report)?.pair.availableOutgoingBitrate,
      loss: Math.max(0, ...told.map(({ fractionLost = 0 }) => fractionLost)),
      roundTripMs: roundTrips.length === 0 ? undefined : Math.max(...roundTrips),
      cpuLimited: sent.some(({ qualityLimitationReason }) => qualityLimitationReason === 'cpu'),
      encoding: Math.max(...shares),
    }
  }
}
