import type { Engine } from '@patchbay/core/engine'
import { type TrunkGreeting, Trunks } from '@patchbay/core/hub'
import {
  type AcceptedConnection,
  type Connection,
  type ConnectionHandlers,
  LineEnd,
  systemClock,
} from '@patchbay/core/transport'
import { startFaultProxy } from '@patchbay/fault-proxy'
import { startRedis } from '@patchbay/test-servers'
import { testTransport } from '@patchbay/transport-conformance'
import { redisEngine } from '../src/index.ts'

const greeting: TrunkGreeting = {
  peer: 'x'.repeat(22) as TrunkGreeting['peer'],
  transport: 'test',
  remote: { address: '192.0.2.1', origin: undefined },
}

type Accept = (line: AcceptedConnection) => ConnectionHandlers

/** Trunks on an engine, as a cluster has them. */
function trunksOn(engine: Engine, accept: () => Accept | undefined) {
  const trunks = new Trunks({
    clock: systemClock,
    send: (to, text) => engine.send(to, text),
    isBackedUp: (to) => engine.isBackedUp(to),
    accept,
  })
  let cut: ReturnType<typeof setTimeout> | undefined
  const started = engine.start({
    frame: (from, text) => trunks.take(from, text),
    room: () => undefined,
    nodes: (alive) => trunks.nodes(alive),
    health: (state) => {
      clearTimeout(cut)
      if (state === 'down') cut = setTimeout(() => trunks.cutAll(), 3_000)
    },
    reset: () => trunks.cutAll(),
    gap: (from) => trunks.cut(from),
  })
  return { trunks, started, stop: () => clearTimeout(cut) }
}

// The lines between the nodes are a transport as any other.
testTransport({
  name: 'trunk',
  traits: { lostWithinMs: 7_000 },
  async rig() {
    const redis = await startRedis()
    const proxy = await startFaultProxy(redis.port)
    const [near, far] = [redisEngine({ url: `redis://127.0.0.1:${proxy.port}` }), redisEngine({ url: redis.url })]
    let accept: Accept | undefined
    let isFrozen = false
    const client = trunksOn(near, () => undefined)
    const server = trunksOn(far, () => accept)
    await Promise.all([client.started, server.started])
    let newest: Connection | undefined
    let underWay = 0
    return {
      listener: {
        name: 'trunk',
        listen: (onLine) => (accept = onLine),
        async close() {
          accept = undefined
          server.trunks.close()
        },
      },
      dialer: {
        name: 'trunk',
        async dial(handlers, options) {
          const end = new LineEnd(handlers)
          const held: ConnectionHandlers = {
            frame: (text) => !isFrozen && end.frame(text),
            close: (reason) => end.end(reason),
          }
          underWay += 1
          try {
            return (newest = await client.trunks.dial(far.node, greeting, held, options))
          } finally {
            underWay -= 1
          }
        },
      },
      nobody: { name: 'trunk', dial: (handlers, options) => client.trunks.dial('nobody', greeting, handlers, options) },
      breakLine: () => proxy.freeze(true),
      // Nothing is taken, so nothing is reported as taken.
      freezeClient: () => proxy.freeze(true, 'down'),
      sendOversize: (bytes) => near.send(far.node, `f${newest?.id}${'x'.repeat(bytes)}`),
      async intrude(line, text) {
        // A third node of the deployment, which writes to both ends' inboxes.
        const stranger = redisEngine({ url: redis.url })
        let answered = () => {}
        const answers = new Promise<void>((resolve) => (answered = resolve))
        await stranger.start({
          frame: (from) => from === far.node && answered(),
          room: () => undefined,
          nodes: () => {},
          health: () => {},
          reset: () => {},
          gap: () => {},
        })
        for (const to of [near.node, far.node])
          for (const letter of ['f', 'F', 'c', 'C', 'g', 'G']) stranger.send(to, `${letter}${line}${text}`)
        // Frames of a line that is not there are answered, in order.
        stranger.send(far.node, `f${line}${text}`)
        await answers
        await stranger.close()
      },
      openHandles: () => underWay + client.trunks.size,
      async dispose() {
        isFrozen = false
        proxy.freeze(false)
        for (const { stop } of [client, server]) stop()
        await Promise.all([near.close(), far.close()])
        await proxy.close()
        await redis.stop()
      },
    }
  },
})
