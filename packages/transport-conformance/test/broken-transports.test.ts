import {
  type AcceptedConnection,
  type Connection,
  type ConnectionHandlers,
  createLinkedPair,
  DialError,
  type LinkedPair,
} from '@patchbay/core/transport'
import { describe, expect, test } from 'vitest'
import { createWorld, type Rig, transportRules } from '../src/index.ts'

/** Lines that are open, oldest first. */
type Pairs = ReadonlySet<LinkedPair>

/** Defects of a transport. Each alters the behaviour of a correct transport. */
interface Defect {
  /** Alters what the server's end of a line does. `accepting`: whether the listener is being asked about the line. */
  readonly actFar?: (far: Connection, lines: Pairs, accepting: () => boolean) => Connection
  /** Alters the rest of it. */
  readonly build?: (rig: Rig, lines: Pairs) => Partial<Rig>
  /** Alters what the client's handlers receive. */
  readonly hear?: (handlers: ConnectionHandlers) => ConnectionHandlers
  /** Alters what the client's end does. */
  readonly act?: (connection: Connection) => Connection
  /** Leaves the line open when the dial is aborted. */
  readonly leaksOnAbort?: boolean
}

/** A small transport over linked pairs whose client half has a defect. */
function createRig(defect: Defect): Rig {
  const pairs = new Set<LinkedPair>()
  let accept: ((connection: AcceptedConnection) => ConnectionHandlers) | undefined
  let count = 0
  const newest = () => [...pairs].at(-1)
  const rig: Rig = {
    listener: {
      name: 'broken',
      listen: (onLine) => (accept = onLine),
      async close() {
        accept = undefined
        for (const pair of pairs) pair.far.close()
      },
    },
    dialer: {
      name: 'broken',
      async dial(handlers, { signal }) {
        if (defect.leaksOnAbort !== true) {
          signal.throwIfAborted()
          await Promise.resolve()
          signal.throwIfAborted()
        }
        const onLine = accept
        if (onLine === undefined) throw new DialError('broken', 'nobody')
        const near = defect.hear?.(handlers) ?? handlers
        const pair: LinkedPair = createLinkedPair(`broken-${(count += 1)}`, ({ far }) => {
          let accepting = true
          const end = defect.actFar?.(far, pairs, () => accepting) ?? far
          const server = onLine({ ...end, remote: { address: 'test', origin: undefined } })
          accepting = false
          const close = (reason: 'local' | 'remote' | 'lost') => {
            pairs.delete(pair)
            server.close(reason)
          }
          return { near, far: { frame: server.frame, close } }
        })
        pairs.add(pair)
        await Promise.resolve()
        signal.throwIfAborted()
        return defect.act?.(pair.near) ?? pair.near
      },
    },
    nobody: {
      name: 'broken',
      dial: () => Promise.reject(new DialError('broken', 'nobody')),
    },
    breakLine: () => newest()?.cut(),
    freezeClient: () => newest()?.pauseNear(true),
    sendOversize: (bytes) => newest()?.near.send('x'.repeat(bytes)),
    // It has no addresses, so a stranger finds nothing to write to.
    intrude: () => Promise.resolve(),
    openHandles: () => pairs.size,
    async dispose() {
      for (const pair of pairs) pair.cut()
    },
  }
  return { ...rig, ...defect.build?.(rig, pairs) }
}

const on = (handlers: ConnectionHandlers, change: Partial<ConnectionHandlers>): ConnectionHandlers => ({
  frame: (text) => handlers.frame(text),
  close: (reason) => handlers.close(reason),
  ...change,
})

/** Reports the end of a line again. @param later when. */
const endingTwice = (later: (act: () => void) => void): Defect => ({
  hear: (handlers) =>
    on(handlers, {
      close(reason) {
        handlers.close(reason)
        later(() => handlers.close(reason))
      },
    }),
})

const defects: readonly { readonly name: string; readonly breaks: string; readonly defect: Defect }[] = [
  {
    name: 'drops a frame',
    breaks: 'T2',
    defect: {
      hear(handlers) {
        let heard = 0
        return on(handlers, { frame: (text) => (heard += 1) !== 7 && handlers.frame(text) })
      },
    },
  },
  {
    name: 'delivers a frame twice',
    breaks: 'T2',
    defect: {
      hear(handlers) {
        let heard = 0
        return on(handlers, {
          frame(text) {
            handlers.frame(text)
            if ((heard += 1) === 7) handlers.frame(text)
          },
        })
      },
    },
  },
  {
    name: 'delivers the last frame again after a while',
    breaks: 'T2',
    defect: {
      hear: (handlers) =>
        on(handlers, {
          frame(text) {
            handlers.frame(text)
            if (text.startsWith('yyyy')) setTimeout(() => handlers.frame(text), 30)
          },
        }),
    },
  },
  {
    name: 'reports its end again after a while',
    breaks: 'T3',
    defect: endingTwice((act) => setTimeout(act, 30)),
  },
  {
    name: 'swaps two frames',
    breaks: 'T2',
    defect: {
      act(connection) {
        let held: string | undefined
        let sent = 0
        return {
          ...connection,
          send(text) {
            sent += 1
            if (sent === 7) held = text
            else {
              connection.send(text)
              if (held !== undefined) connection.send(held)
              held = undefined
            }
          },
        }
      },
    },
  },
  {
    name: 'splits a large frame',
    breaks: 'T2',
    defect: {
      act: (connection) => ({
        ...connection,
        send(text) {
          for (let from = 0; from === 0 || from < text.length; from += 16_384) {
            connection.send(text.slice(from, from + 16_384))
          }
        },
      }),
    },
  },
  {
    name: 'forgets close',
    breaks: 'T4',
    defect: { hear: (handlers) => on(handlers, { close: () => {} }) },
  },
  {
    name: 'calls close twice',
    breaks: 'T3',
    defect: endingTwice((act) => act()),
  },
  {
    name: 'delivers after close',
    breaks: 'T5',
    defect: {
      hear: (handlers) =>
        on(handlers, {
          close(reason) {
            handlers.close(reason)
            handlers.frame('late')
          },
        }),
    },
  },
  {
    name: 'calls every end lost',
    breaks: 'T4',
    defect: { hear: (handlers) => on(handlers, { close: () => handlers.close('lost') }) },
  },
  {
    name: 'throws when sending after the end',
    breaks: 'T5',
    defect: {
      act(connection) {
        let closed = false
        return {
          ...connection,
          send(text) {
            if (closed) throw new Error('closed')
            connection.send(text)
          },
          close() {
            closed = true
            connection.close()
          },
        }
      },
    },
  },
  { name: 'leaks the line of an aborted dial', breaks: 'T6', defect: { leaksOnAbort: true } },
  {
    name: 'loses what the server sends while it accepts',
    breaks: 'T7',
    defect: {
      actFar: (far, _, accepting) => ({ ...far, send: (text) => accepting() || far.send(text) }),
    },
  },
  {
    name: 'sends frames of one line to the newest',
    breaks: 'T8',
    defect: {
      actFar: (far, lines) => ({ ...far, send: (text) => ([...lines].at(-1)?.far ?? far).send(text) }),
    },
  },
  {
    name: 'rejects a dial with a plain error',
    breaks: 'T9',
    defect: { build: () => ({ nobody: { name: 'broken', dial: () => Promise.reject(new Error('nobody')) } }) },
  },
  {
    name: 'does not notice that a line is broken',
    breaks: 'T10',
    defect: { build: () => ({ breakLine: () => {} }) },
  },
  {
    name: 'goes on when the listener is closed',
    breaks: 'T11',
    defect: { build: ({ listener }) => ({ listener: { ...listener, close: () => Promise.resolve() } }) },
  },
  {
    name: 'ends every line for an oversize frame of one',
    breaks: 'T12',
    defect: {
      build: (_, lines) => ({
        sendOversize() {
          for (const line of lines) line.cut()
        },
      }),
    },
  },
  {
    name: 'buffers 64 MiB for a client that reads nothing',
    breaks: 'T13',
    defect: {
      actFar(far) {
        let size = 0
        return {
          ...far,
          send(text) {
            size += text.length
            // What a large buffer does: nothing, until it is full.
            if (text.length < 1_000) far.send(text)
            else if (size > 64 * 1_048_576) far.close()
          },
        }
      },
    },
  },
  {
    name: 'takes frames from whoever knows the id',
    breaks: 'T14',
    defect: {
      build: (_, lines) => ({
        async intrude(id, text) {
          for (const { near } of lines) if (near.id === id) near.send(text)
        },
      }),
    },
  },
  {
    name: 'lets a stranger end a line',
    breaks: 'T14',
    defect: {
      build: (_, lines) => ({
        async intrude(id) {
          for (const { far } of lines) if (far.id === id) far.close()
        },
      }),
    },
  },
  {
    name: 'makes up its own id',
    breaks: 'T1',
    defect: { act: (connection) => ({ ...connection, id: 'mine' }) },
  },
]

async function brokenRules(defect: Defect): Promise<string[]> {
  const broken: string[] = []
  for (const rule of transportRules) {
    const rig = createRig(defect)
    try {
      await rule.run(createWorld(rig, { lostWithinMs: 100 }, 100))
    } catch {
      broken.push(rule.id)
    } finally {
      await rig.dispose()
    }
  }
  return broken
}

describe('the kit', () => {
  test('passes a correct transport', async () => {
    expect(await brokenRules({})).toEqual([])
  })

  test.each(defects)('catches a transport that $name, by $breaks', async ({ breaks, defect }) => {
    expect(await brokenRules(defect)).toContain(breaks)
  })
})
