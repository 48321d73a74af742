import { startRedis } from '@patchbay/test-servers'
import { pino } from 'pino'
import { expect, onTestFinished, test } from 'vitest'
import { readConfig } from '../../src/config.ts'
import { startFromConfig } from '../../src/start.ts'

test('the log says once that Redis refuses what it is asked, and why, and once that all is well again', async () => {
  const redis = await startRedis()
  const lines: string[] = []
  const log = pino({ level: 'info', base: null, timestamp: false }, { write: (line: string) => lines.push(line) })
  const config = await readConfig({ PORT: '0', HOST: '127.0.0.1', DRAIN_SPREAD_MS: '0', ENGINE_URL: redis.url })
  const server = await startFromConfig(config, log)
  onTestFinished(async () => {
    await server.close()
    await redis.stop()
  })
  const up = expect.stringContaining('"msg":"engine is up"')
  const down = expect.stringMatching(/"level":50.*OOM command not allowed.*"msg":"engine is down"/)
  await expect.poll(() => lines).toEqual([up])
  redis.command('CONFIG', 'SET', 'maxmemory', '1mb', 'maxmemory-policy', 'noeviction')
  await expect.poll(() => lines).toEqual([up, down])
  expect((await fetch(`http://127.0.0.1:${server.port}/readyz`)).status).toBe(503)
  // Several tries are made until then.
  await new Promise((resolve) => setTimeout(resolve, 1_500))
  redis.command('CONFIG', 'SET', 'maxmemory', '0')
  await expect.poll(() => lines).toEqual([up, down, up])
})
