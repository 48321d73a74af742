import {
  type AcceptedConnection,
  type Connection,
  type ConnectionHandlers,
  createLinkedPair,
  DialError,
  type LinkedPair,
} from '@patchbay/core/transport'
import type { Rig } from '../../src/index.ts'

/** Lines that are open, oldest first. */
type Pairs = ReadonlySet<LinkedPair>

/** Defects of a transport. Each alters the behaviour of a correct transport. */
export interface Defect {
  /** Alters what the server's end of a line does. `accepting`: whether the listener is being asked about the line. */
  readonly actFar?: (far: Connection, lines: Pairs, accepting: () => boolean) => Connection
  /** Alters the rest of it. */
  readonly build?: (rig: Rig, lines: Pairs) => Partial<Rig>
  /** Alters what the client's handlers receive. */
  readonly hear?: (handlers: ConnectionHandlers) => ConnectionHandlers
  /** Alters what the client's end does. `signal`: that of the dial. */
  readonly act?: (connection: Connection, signal: AbortSignal) => Connection
  /** Leaves the line open when the dial is aborted. */
  readonly leaksOnAbort?: boolean
}

/** A small transport over linked pairs whose client half has a defect. */
export function createRig(defect: Defect): Rig {
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
        let isOver = false
        let line: LinkedPair | undefined
        const pair = createLinkedPair(`broken-${(count += 1)}`, ({ far }) => {
          let accepting = true
          const end = defect.actFar?.(far, pairs, () => accepting) ?? far
          const server = onLine({ ...end, remote: { address: 'test', origin: undefined } })
          accepting = false
          const close = (reason: 'local' | 'remote' | 'lost') => {
            isOver = true
            if (line !== undefined) pairs.delete(line)
            server.close(reason)
          }
          return { near, far: { frame: server.frame, close } }
        })
        line = pair
        // The server may have closed it while it accepted.
        if (!isOver) pairs.add(pair)
        await Promise.resolve()
        signal.throwIfAborted()
        return defect.act?.(pair.near, signal) ?? pair.near
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
