import { type PatchbayServer, startServer } from '@patchbay/server'
import type { Logger } from 'pino'
import type { Config } from './config.ts'

const brief = ({ name, message }: Error) => ({ name, message })

/**
 * Starts the server that the configuration describes.
 * @throws the error of a port that cannot be opened, for example `EADDRINUSE`.
 */
export function startFromConfig(config: Config, log: Logger): Promise<PatchbayServer> {
  return startServer({
    port: config.port,
    host: config.host,
    lines: config.lines,
    allowedOrigins: config.allowedOrigins,
    iceServers: config.iceServers,
    turn: config.turn,
    limits: config.hubLimits,
    ...(config.heartbeats !== undefined && { heartbeats: config.heartbeats }),
    linesPerAddress: config.maxLinesPerAddress,
    newLinesPerSecond: config.newLinesPerSecond,
    brokerLines: config.maxBrokerLines,
    trustProxy: config.trustProxy,
    roomPreviews: config.roomPreviews,
    engine: config.openEngine?.({
      onError: (error) => log.error({ err: brief(error) }, 'engine'),
      onHealth(health) {
        if (health.state === 'up') log.info('engine is up')
        else log.error({ err: brief(health.reason) }, 'engine is down')
      },
    }),
    metricsPort: config.metricsPort,
    drainSpreadMs: config.drainSpreadMs,
    log,
  })
}
