import { startRedis, startSentinel, startTlsRedis } from '@patchbay/test-servers'
import { pino } from 'pino'
import { expect, onTestFinished, test } from 'vitest'
import { readConfig } from '../../src/config.ts'
import { startFromConfig } from '../../src/start.ts'

/** Starts a server that shares a Redis. @returns it, and the lines of its log. */
async function start(environment: Record<string, string>) {
  const lines: string[] = []
  const log = pino({ level: 'info', base: null, timestamp: false }, { write: (line: string) => lines.push(line) })
  const config = await readConfig({ PORT: '0', HOST: '127.0.0.1', DRAIN_SPREAD_MS: '0', ...environment })
  const server = await startFromConfig(config, log)
  onTestFinished(() => server.close())
  return { server, lines }
}

const up = expect.stringContaining('"msg":"engine is up"')
const down = (why: string) => expect.stringMatching(new RegExp(`"level":50.*${why}.*"msg":"engine is down"`))

test('the log says once that Redis refuses what it is asked, and why, and once that all is well again', async () => {
  const redis = await startRedis()
  onTestFinished(() => redis.stop())
  const { server, lines } = await start({ ENGINE_URL: redis.url })
  const full = down('OOM command not allowed')
  await expect.poll(() => lines).toEqual([up])
  redis.command('CONFIG', 'SET', 'maxmemory', '1mb', 'maxmemory-policy', 'noeviction')
  await expect.poll(() => lines).toEqual([up, full])
  expect((await fetch(`http://127.0.0.1:${server.port}/readyz`)).status).toBe(503)
  // Several tries are made until then.
  await new Promise((resolve) => setTimeout(resolve, 1_500))
  redis.command('CONFIG', 'SET', 'maxmemory', '0')
  await expect.poll(() => lines).toEqual([up, full, up])
})

test('a Redis with a certificate of an authority of one’s own is used when that is named, and the log says why otherwise', async () => {
  const redis = await startTlsRedis()
  onTestFinished(() => redis.stop())
  const { lines: refused } = await start({ ENGINE_URL: redis.url })
  await expect.poll(() => refused).toContainEqual(down('self-signed certificate'))
  const { lines: accepted } = await start({ ENGINE_URL: redis.url, ENGINE_CA_FILE: redis.caFile })
  await expect.poll(() => accepted).toEqual([up])
})

test('sentinels that ask for a password get their own, and the log says what they say without it', async () => {
  const redis = await startRedis()
  const sentinel = await startSentinel(redis.port, 'of-the-sentinel')
  onTestFinished(async () => {
    await sentinel.stop()
    await redis.stop()
  })
  redis.command('ACL', 'SETUSER', 'patchbay', 'on', '>of-the-server', '~*', '&*', '+@all')
  const ENGINE_URL = `redis+sentinel://patchbay:of-the-server@127.0.0.1:${sentinel.port}/master`
  const { lines: refused } = await start({ ENGINE_URL })
  await expect.poll(() => refused).toContainEqual(down('NOAUTH'))
  const { lines: accepted } = await start({ ENGINE_URL, ENGINE_SENTINEL_PASSWORD: 'of-the-sentinel' })
  await expect.poll(() => accepted).toEqual([up])
})

test.each([
  [{ ENGINE_URL: 'redis://127.0.0.1', ENGINE_CA_FILE: import.meta.filename }, 'ENGINE_CA_FILE: needs'],
  [{ ENGINE_CA_FILE: import.meta.filename }, 'ENGINE_CA_FILE: needs'],
  [{ ENGINE_URL: 'rediss://127.0.0.1', ENGINE_CA_FILE: '/no/such/file' }, 'ENGINE_CA_FILE: must be a file'],
  [{ ENGINE_URL: 'redis://127.0.0.1', ENGINE_SENTINEL_PASSWORD: 'x' }, 'ENGINE_SENTINEL_PASSWORD: needs'],
])('%o is refused, and the variable named', async (environment, message) => {
  await expect(readConfig(environment)).rejects.toThrow(message)
})
