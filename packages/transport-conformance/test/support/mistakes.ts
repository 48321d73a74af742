import type { CloseReason, Connection, ConnectionHandlers, Dialer } from '@patchbay/core/transport'
import type { Defect } from './broken-rig.ts'

/** Handlers with a change. */
export const on = (handlers: ConnectionHandlers, change: Partial<ConnectionHandlers>): ConnectionHandlers => ({
  frame: (text) => handlers.frame(text),
  close: (reason) => handlers.close(reason),
  ...change,
})

/** Reports the end of a line again. @param later when. */
export const endingTwice = (later: (act: () => void) => void): Defect => ({
  hear: (handlers) =>
    on(handlers, {
      close(reason) {
        handlers.close(reason)
        later(() => handlers.close(reason))
      },
    }),
})

/** Decodes the UTF-8 of a text in pieces of 4 KiB, each by itself. */
export function inPieces(text: string): string {
  const bytes = Buffer.from(text)
  const pieces: string[] = []
  for (let from = 0; from < bytes.length; from += 4_096) pieces.push(bytes.subarray(from, from + 4_096).toString())
  return pieces.join('')
}

/** Delivers several frames at a time, whatever is closed in the meantime. */
export function batched(handlers: ConnectionHandlers): ConnectionHandlers {
  let read: string[] = []
  const deliver = () => {
    const batch = read
    read = []
    for (const text of batch) handlers.frame(text)
  }
  return {
    frame: (text) => void (read.push(text) === 1 && setTimeout(deliver)),
    close(reason) {
      if (reason !== 'local') deliver()
      handlers.close(reason)
    },
  }
}

/** Holds what an end sends for a while. @param atClose which of what is held is sent when the end closes. */
export const holding =
  (atClose: (held: string[]) => string[]) =>
  (end: Connection): Connection => {
    const held: string[] = []
    const send = (texts: string[]) => {
      for (const text of texts) end.send(text)
    }
    return {
      ...end,
      send: (text) => void (held.push(text) === 1 && setTimeout(() => send(held.splice(0)))),
      close() {
        send(atClose(held.splice(0)))
        end.close()
      },
    }
  }

/** Sends what an end was given while the listener was asked about the line a while later. */
export const deferring = (far: Connection, accepting: () => boolean): Connection => ({
  ...far,
  send: (text) => (accepting() ? void setTimeout(() => far.send(text), 5) : far.send(text)),
})

/** Leaves something open at a client whose line has ended so. */
export const leavingOpen = (how: CloseReason): Defect => ({
  build({ dialer, openHandles }) {
    let left = 0
    const count = (handlers: ConnectionHandlers) =>
      on(handlers, {
        close(reason) {
          if (reason === how) left += 1
          handlers.close(reason)
        },
      })
    return {
      dialer: { ...dialer, dial: (handlers, options) => dialer.dial(count(handlers), options) },
      openHandles: () => openHandles() + left,
    }
  },
})

/** Leaves something open when a dial of this dialer is refused. */
export const leavingDial = (which: 'dialer' | 'nobody'): Defect => ({
  build({ [which]: dialer, openHandles }) {
    let left = 0
    const leave = (error: unknown) => {
      left += 1
      throw error
    }
    return {
      [which]: { ...dialer, dial: (...how: Parameters<Dialer['dial']>) => dialer.dial(...how).catch(leave) },
      openHandles: () => openHandles() + left,
    }
  },
})

/** Does something else at a client whose line was lost, when it is told to send or to close. */
const afterLoss = (what: 'send' | 'close', act: (handlers: ConnectionHandlers) => void): Defect => ({
  build: ({ dialer }) => ({
    dialer: {
      ...dialer,
      async dial(handlers, options) {
        let isLost = false
        const close = (reason: CloseReason) => {
          isLost = reason === 'lost'
          handlers.close(reason)
        }
        const connection = await dialer.dial(on(handlers, { close }), options)
        return { ...connection, [what]: (text: string) => (isLost ? act(handlers) : connection[what](text)) }
      },
    },
  }),
})

export const sendingWhenLost: Defect = afterLoss('send', () => {
  throw new Error('the socket is destroyed')
})
export const closingWhenLost: Defect = afterLoss('close', (handlers) => handlers.close('local'))

/** Takes no notice of its signal after the first step of a dial. */
export const deafDial: Defect = {
  build: ({ dialer }) => ({
    dialer: {
      ...dialer,
      async dial(handlers, { signal }) {
        signal.throwIfAborted()
        await Promise.resolve()
        signal.throwIfAborted()
        await new Promise((resolve) => setTimeout(resolve, 30))
        return dialer.dial(handlers, { signal: new AbortController().signal })
      },
    },
  }),
}

/** Sends in the next turn what a server says, and ends its lines at once when the listener is closed. */
export const hastyListener: Defect = {
  actFar: (far) => ({ ...far, send: (text) => void setTimeout(() => far.send(text)) }),
}

/** So long may a line be silent for these two, in milliseconds. */
const SILENT_MS = 500

export const losingAfterSilence: Defect = {
  hear(handlers) {
    let heardAt = performance.now()
    return on(handlers, {
      frame(text) {
        const silentMs = performance.now() - heardAt
        heardAt = performance.now()
        if (silentMs < SILENT_MS) handlers.frame(text)
      },
    })
  },
}

export const endingInSilence: Defect = {
  actFar(far, lines) {
    const end = () => [...lines].find((pair) => pair.far === far)?.cut()
    let timer = setTimeout(end, SILENT_MS)
    return {
      ...far,
      send(text) {
        clearTimeout(timer)
        timer = setTimeout(end, SILENT_MS)
        far.send(text)
      },
    }
  },
}
