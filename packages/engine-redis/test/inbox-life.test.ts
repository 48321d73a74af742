import type { NodeId } from '@patchbay/core/engine'
import { startRedis } from '@patchbay/test-servers'
import { expect, onTestFinished, test } from 'vitest'
import { redisEngine } from '../src/index.ts'
import { Keys } from '../src/keys.ts'
import { connectRedis } from '../src/redis-client.ts'
import { RedisStore } from '../src/redis-store.ts'

const on = { frame() {}, room() {}, nodes() {}, health() {}, reset() {}, gap() {} }

/** A node on a Redis of its own, and that Redis. */
async function startNode() {
  const redis = await startRedis()
  const engine = redisEngine({ url: redis.url })
  onTestFinished(async () => {
    await engine.close()
    await redis.stop()
  })
  await engine.start(on)
  return { redis, engine, inbox: new Keys('patchbay:').inbox(engine.node) }
}

test('the inbox of a node that lives is kept for as long', async () => {
  const { redis, inbox } = await startNode()
  redis.command('PEXPIRE', inbox, '5000')
  await expect.poll(() => Number(redis.command('PTTL', inbox)), { timeout: 4_000 }).toBeGreaterThan(50_000)
})

test('what a node has read leaves its inbox', async () => {
  const { redis, engine } = await startNode()
  const other = redisEngine({ url: redis.url })
  onTestFinished(() => other.close())
  let heard = 0
  await other.start({ ...on, frame: () => (heard += 1) })
  for (let n = 1; n <= 20; n += 1) {
    engine.send(other.node, 'are you there?')
    await expect.poll(() => heard).toBe(n)
  }
  const theirs = new Keys('patchbay:').inbox(other.node)
  await expect.poll(() => Number(redis.command('XLEN', theirs)), { timeout: 4_000 }).toBeLessThan(10)
})

test('a post to a node that is gone is refused, and makes no inbox', async () => {
  const { redis, engine } = await startNode()
  const [client, reader] = [0, 1].map(() => connectRedis({ url: redis.url, onError: () => {} }))
  if (client === undefined || reader === undefined) throw new Error('Two clients were made.')
  const store = new RedisStore(client, reader, 'patchbay:', () => {})
  onTestFinished(() => {
    reader.disconnect()
    return store.close()
  })
  const gone = 'gone' as NodeId
  await expect(store.post(gone, { from: engine.node, n: 1, texts: ['are you there?'] })).rejects.toThrow('no inbox')
  expect(redis.command('EXISTS', new Keys('patchbay:').inbox(gone)).trim()).toBe('0')
})
