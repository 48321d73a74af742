import { testEngine, type EngineRig } from '@patchbay/engine-conformance'
import { type FaultProxy, startFaultProxy } from '@patchbay/fault-proxy'
import { startRedis } from '@patchbay/test-servers'
import { connectRedis } from '../src/redis-client.ts'
import { redisEngine } from '../src/index.ts'
import { Keys } from '../src/keys.ts'

const wait = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))

/** A Redis of its own, and a fault proxy between it and each node. */
async function createRig(): Promise<EngineRig> {
  const redis = await startRedis()
  const control = connectRedis({ url: redis.url, onError: () => {} })
  const closers: (() => Promise<void>)[] = []
  return {
    async node() {
      const proxy: FaultProxy = await startFaultProxy(redis.port)
      const engine = redisEngine({ url: `redis://127.0.0.1:${proxy.port}` })
      closers.push(
        () => engine.close(),
        () => proxy.close(),
      )
      const inbox = new Keys('patchbay:').inbox(engine.node)
      let injected = 0
      return {
        engine,
        cut: (isCut) => proxy.freeze(isCut),
        // What is posted goes to a stream that nobody reads.
        deafen: (isDeaf) =>
          void redis.command(
            ...(isDeaf ? ['ACL', 'SETUSER', 'default', '-xread'] : ['ACL', 'SETUSER', 'default', '+xread']),
          ),
        async inject(text) {
          await control.xadd(inbox, '*', 'f', 'forger', 'n', (injected += 1), 't', text)
        },
      }
    },
    restartEmpty: () => redis.restart(),
    wait,
    async dispose() {
      for (const close of closers) await close()
      control.disconnect()
      await redis.stop()
    },
  }
}

testEngine({ name: 'Redis', rig: createRig })
