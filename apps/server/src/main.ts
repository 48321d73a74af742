import closeWithGrace from 'close-with-grace'
import { pino } from 'pino'
import { ConfigError } from './config-error.ts'
import { type Config, readConfig } from './config.ts'
import { startFromConfig } from './start.ts'
import { explainFailure } from './start-failure.ts'

/** Longest time from SIGTERM to the end of the process, in milliseconds. */
const CLOSE_WITHIN_MS = 10_000

function fail(line: string): never {
  console.error(line)
  process.exit(1)
}

async function configure(): Promise<Config> {
  try {
    return await readConfig(process.env)
  } catch (error) {
    if (error instanceof ConfigError) fail(`The configuration is invalid.\n${error.message}`)
    throw error
  }
}

const config = await configure()
const log = pino({ level: config.logLevel, base: config.nodeName === undefined ? null : { node: config.nodeName } })

try {
  const server = await startFromConfig(config, log)
  log.info({ port: server.port, paths: [...server.paths, '/healthz', '/readyz'] }, 'listening')
  closeWithGrace({ delay: CLOSE_WITHIN_MS, logger: false }, async ({ err, signal }) => {
    if (err) log.fatal({ err }, 'stopping after an error')
    else log.info({ signal }, 'draining')
    await server.close()
  })
} catch (error) {
  const failure = explainFailure(error, config, process.env)
  if (failure === undefined) throw error
  fail(failure)
}
