import type { Engine } from '@patchbay/core/engine'
import type { Hub } from '@patchbay/core/hub'
import type { Registry } from 'prom-client'

/** What there is to measure. */
interface Measured {
  readonly hub: Hub
  readonly engine: Engine | undefined
}

/**
 * Metrics in the text format of Prometheus: those of the hub, of the engine and of the process, event-loop lag included. The code
 * is loaded only where they are asked for; numbers are read when they are.
 */
export async function createMetrics({ hub, engine }: Measured): Promise<Registry> {
  const { collectDefaultMetrics, Counter, Gauge, Registry: Registers } = await import('prom-client')
  const registry = new Registers()
  collectDefaultMetrics({ register: registry })
  const registers = [registry]
  const gauge = (name: string, help: string, read: () => number) =>
    new Gauge({
      name: `patchbay_${name}`,
      help,
      registers,
      collect() {
        this.set(read())
      },
    })
  /** Counts are kept by the hub: a counter shows them. */
  const counter = <L extends string>(
    name: string,
    help: string,
    label: L,
    read: () => Iterable<readonly [string, number]>,
  ) =>
    new Counter({
      name: `patchbay_${name}_total`,
      help,
      registers,
      labelNames: [label],
      collect() {
        this.reset()
        for (const [value, count] of read()) this.inc({ [label]: value } as Record<L, string>, count)
      },
    })
  const { counters } = hub
  gauge('sessions', 'Sessions, with and without a line.', () => hub.stats().sessions)
  gauge('rooms', 'Rooms in which this server has sessions.', () => hub.stats().rooms)
  const lines = new Gauge({
    name: 'patchbay_lines',
    help: 'Open lines, those included that are passed on to another server.',
    registers: [],
    labelNames: ['transport'],
    collect() {
      this.reset()
      for (const [transport, count] of counters.lines) this.set({ transport }, count)
    },
  })
  registry.registerMetric(lines)
  counter('sessions_opened', 'Sessions opened.', 'how', () => [['hello', counters.sessionsOpened]])
  counter('joins', 'Seats taken in rooms.', 'how', () => [['join', counters.joins]])
  counter('resumes', 'Sessions that went on on another line, by where they were.', 'where', () => [
    ['here', counters.resumedHere],
    ['elsewhere', counters.resumedElsewhere],
    ['nowhere', counters.resumesLost],
  ])
  counter(
    'relayed_messages',
    'Messages passed from member to member. Those to another server count once they are sent there.',
    'to',
    () => [
      ['here', counters.relayedHere],
      ['elsewhere', counters.relayedAcross],
    ],
  )
  counter('relayed_size', 'Their size, in UTF-16 code units.', 'to', () => [
    ['here', counters.relayedHereSize],
    ['elsewhere', counters.relayedAcrossSize],
  ])
  counter('lines_refused', 'Lines refused, by the code of the close.', 'code', () => counters.linesRefused)
  counter('requests_refused', 'Requests refused, by the code of the error.', 'code', () => counters.requestsRefused)
  if (engine !== undefined) {
    gauge('engine_up', '1 while what the servers share can be reached.', () => Number(engine.stats.isUp))
    gauge('engine_nodes', 'Servers that share rooms, this one included.', () => engine.stats.nodes)
    gauge(
      'engine_round_trip_seconds',
      'How long the last renewal of the lease took.',
      () => engine.stats.roundTripMs / 1_000,
    )
    counter('engine_dropped', 'What no server of this version has sent, or has sent before.', 'what', () => [
      ['post', engine.stats.dropped],
      ['frame', counters.framesDropped],
    ])
  }
  return registry
}
