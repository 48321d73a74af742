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

/** The variable that asks for a port. */
function nameOf(port: number): string | undefined {
  return Object.keys(process.env).find((name) => name.endsWith('_PORT') && process.env[name] === String(port))
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
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (code === 'ENOTFOUND' || code === 'EADDRNOTAVAIL')
    fail(`The configuration is invalid.\nHOST: "${config.host}" is no address of this machine`)
  if (!(error instanceof Error) || code !== 'EADDRINUSE') throw error
  const port = 'port' in error ? Number(error.port) : config.port
  const variable = port === config.port ? 'PORT' : (nameOf(port) ?? "the line's own port")
  fail(`Port ${port} is in use. Stop the program that uses it, or set ${variable} to a free port.`)
}
