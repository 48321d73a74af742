import { expect, test } from 'vitest'
import { ConfigError } from '../src/config-error.ts'
import { readConfig } from '../src/config.ts'

const secret = 'a secret of some length'
const url = 'turn:turn.example:3478?transport=udp'

test('a TURN server is read from the environment', async () => {
  const { turn } = await readConfig({ TURN_URLS: `${url}, ${url}`, TURN_SECRET: secret, TURN_LIFETIME_SECONDS: '60' })
  expect(turn).toEqual({ urls: [url, url], secret, lifetimeMs: 60_000 })
})

test('the server does not start with a TURN server without a secret, or a secret without a TURN server', async () => {
  await expect(readConfig({ TURN_URLS: url })).rejects.toThrow(
    new ConfigError('TURN_SECRET: must be set with TURN_URLS'),
  )
  await expect(readConfig({ TURN_SECRET: secret })).rejects.toThrow(
    new ConfigError('TURN_URLS: must be set with TURN_SECRET'),
  )
})
