import closeWithGrace from 'close-with-grace'
import { pino } from 'pino'
import { type Config, ConfigError, readConfig } from './config.ts'
import { startFromConfig } from './start.ts'

/** Longest time from SIGTERM to the end of the process, in milliseconds. */
const CLOSE_WITHIN_MS = 10_000

function fail(line: string): never {
  console.error(line)
  process.exit(1)
}

function configure(): Config {
  try {
    return readConfig(process.env)
  } catch (error) {
    if (error instanceof ConfigError) fail(`The configuration is invalid.\n${error.message}`)
    throw error
  }
}

const config = configure()
const log = pino({ level: config.logLevel, base: null })

try {
  const server = await startFromConfig(config, log)
  log.info({ port: server.port, paths: [...server.paths, '/healthz', '/readyz'] }, 'listening')
  closeWithGrace({ delay: CLOSE_WITHIN_MS, logger: false }, async ({ err, signal }) => {
    if (err) log.fatal({ err }, 'stopping after an error')
    else log.info({ signal }, 'draining')
    await server.close()
  })
} catch (error) {
  if (!(error instanceof Error && 'code' in error && error.code === 'EADDRINUSE')) throw error
  const [port, variable] =
    'port' in error && error.port === config.mqtt.port ? [config.mqtt.port, 'MQTT_PORT'] : [config.port, 'PORT']
  fail(`Port ${port} is in use. Stop the program that uses it, or set ${variable} to a free port.`)
}
