import { pairInUse, reportOf, type Stat } from './stats-report.ts'

/** Traffic in one direction between two reads. */
export interface Flow {
  readonly bitsPerSecond: number
  /** Share of packets lost, 0 to 1; `undefined` if no packets were sent. */
  readonly loss: number | undefined
}

/** A video stream as sent or received. */
export interface Picture {
  readonly codec: string | undefined
  readonly width: number | undefined
  readonly height: number | undefined
  readonly framesPerSecond: number | undefined
}

/** Statistics of the connection to one peer. */
export interface PeerStatistics {
  /** Round trip of the candidate pair in use, in milliseconds. */
  readonly roundTripMs: number | undefined
  /** Kinds of the two candidates in use (RFC 8445 §5.1.1) and the transport of the local one, such as `udp` or `relay/tcp`. */
  readonly local: string | undefined
  readonly remote: string | undefined
  readonly protocol: string | undefined
  readonly incoming: Flow
  readonly outgoing: Flow
  readonly seen: Picture | undefined
  readonly sent: Picture | undefined
  readonly audioCodec: string | undefined
}

interface Counters {
  readonly at: number
  readonly bytesIn: number
  readonly bytesOut: number
  readonly received: number
  readonly lostIn: number
  readonly sent: number
  readonly lostOut: number
}

/** Reads statistics of one connection repeatedly; rates cover the time since the last read. */
export class StatisticsReader {
  readonly #pc: RTCPeerConnection
  #before: Counters | undefined

  constructor(pc: RTCPeerConnection) {
    this.#pc = pc
  }

  async read(): Promise<PeerStatistics> {
    const report = await reportOf(this.#pc)
    const all = [...report.values()]
    const { pair, local, remote } = pairInUse(report) ?? {}
    const of = (type: string, kind?: string) =>
      all.filter((stat) => stat.type === type && (kind === undefined || stat.kind === kind))
    const now = countersOf(pair, of('inbound-rtp'), of('outbound-rtp'), of('remote-inbound-rtp'))
    const before = this.#before ?? now
    this.#before = now
    const seconds = (now.at - before.at) / 1_000
    const flow = (bytes: number, packets: number, lost: number): Flow => ({
      bitsPerSecond: seconds > 0 ? Math.max(0, (8 * bytes) / seconds) : 0,
      loss: packets + lost > 0 ? Math.max(0, lost) / (packets + Math.max(0, lost)) : undefined,
    })
    const codecOf = (stat: Stat | undefined) => report.get(stat?.codecId ?? '')?.mimeType?.split('/')[1]
    const picture = (stats: Stat[]): Picture | undefined => {
      const stat = stats.toSorted((a, b) => (b.frameHeight ?? 0) - (a.frameHeight ?? 0))[0]
      if (stat?.frameHeight === undefined) return undefined
      const { frameWidth: width, frameHeight: height, framesPerSecond } = stat
      return { codec: codecOf(stat), width, height, framesPerSecond }
    }
    const roundTrip = pair?.currentRoundTripTime
    return {
      roundTripMs: roundTrip === undefined ? undefined : 1_000 * roundTrip,
      local: local?.candidateType,
      remote: remote?.candidateType,
      protocol: local?.relayProtocol ?? local?.protocol,
      incoming: flow(now.bytesIn - before.bytesIn, now.received - before.received, now.lostIn - before.lostIn),
      outgoing: flow(now.bytesOut - before.bytesOut, now.sent - before.sent, now.lostOut - before.lostOut),
      seen: picture(of('inbound-rtp', 'video')),
      sent: picture(of('outbound-rtp', 'video')),
      audioCodec: codecOf(of('inbound-rtp', 'audio')[0] ?? of('outbound-rtp', 'audio')[0]),
    }
  }
}

function countersOf(pair: Stat | undefined, inbound: Stat[], outbound: Stat[], told: Stat[]): Counters {
  const sum = (stats: Stat[], of: (stat: Stat) => number | undefined) =>
    stats.reduce((total, stat) => total + (of(stat) ?? 0), 0)
  return {
    at: pair?.timestamp ?? 0,
    bytesIn: pair?.bytesReceived ?? 0,
    bytesOut: pair?.bytesSent ?? 0,
    received: sum(inbound, ({ packetsReceived }) => packetsReceived),
    lostIn: sum(inbound, ({ packetsLost }) => packetsLost),
    sent: sum(outbound, ({ packetsSent }) => packetsSent),
    lostOut: sum(told, ({ packetsLost }) => packetsLost),
  }
}
