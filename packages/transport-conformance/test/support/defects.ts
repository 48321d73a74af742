import { type CloseReason, DialError } from '@patchbay/core/transport'
import type { Defect } from './broken-rig.ts'
import {
  batched,
  closingWhenLost,
  deafDial,
  deferring,
  endingInSilence,
  endingTwice,
  hastyListener,
  holding,
  inPieces,
  leavingDial,
  leavingOpen,
  losingAfterSilence,
  on,
  sendingWhenLost,
} from './mistakes.ts'

/** Mistakes that transports make, and the rule that each breaks. */
export const defects: readonly { readonly name: string; readonly breaks: string; readonly defect: Defect }[] = [
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
  { name: 'loses the first frame after a silence', breaks: 'T2', defect: losingAfterSilence },
  { name: 'ends a line that is silent', breaks: 'T2', defect: endingInSilence },
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
  { name: 'forgets close', breaks: 'T4', defect: { hear: (handlers) => on(handlers, { close: () => {} }) } },
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
  {
    name: 'decodes UTF-8 piece by piece',
    breaks: 'T2',
    defect: { hear: (handlers) => on(handlers, { frame: (text) => handlers.frame(inPieces(text)) }) },
  },
  {
    name: 'drops a frame that is too long when it is escaped',
    breaks: 'T2',
    defect: {
      hear: (handlers) =>
        on(handlers, { frame: (text) => JSON.stringify(text).length < 70_000 && handlers.frame(text) }),
    },
  },
  {
    name: 'takes the first character for a byte order mark',
    breaks: 'T2',
    defect: {
      hear: (handlers) =>
        on(handlers, { frame: (text) => handlers.frame(new TextDecoder().decode(Buffer.from(text))) }),
    },
  },
  {
    name: 'says that it is closed a while after `close` has returned',
    breaks: 'T3',
    defect: { act: (connection) => ({ ...connection, close: () => void setTimeout(() => connection.close(), 5) }) },
  },
  {
    name: 'says that it is closed a while after `close` has returned at the server',
    breaks: 'T4',
    defect: { actFar: (far) => ({ ...far, close: () => void setTimeout(() => far.close(), 5) }) },
  },
  {
    name: 'does not close a line while it is being accepted',
    breaks: 'T4',
    defect: { actFar: (far, _, accepting) => ({ ...far, close: () => accepting() || far.close() }) },
  },
  {
    name: 'delivers the rest of what it has read after a close inside `frame`',
    breaks: 'T5',
    defect: { hear: batched },
  },
  {
    name: 'ends a line when the signal of its dial is aborted later',
    breaks: 'T6',
    defect: {
      act(connection, signal) {
        signal.addEventListener('abort', () => connection.close())
        return connection
      },
    },
  },
  {
    name: 'reports the end of an aborted dial a while later',
    breaks: 'T6',
    defect: {
      build: ({ dialer }) => ({
        dialer: {
          ...dialer,
          dial: (handlers, how) =>
            dialer.dial(handlers, how).catch((error: unknown) => {
              setTimeout(() => handlers.close('lost'), 5)
              throw error
            }),
        },
      }),
    },
  },
  {
    name: 'reports the end of a refused dial a while later',
    breaks: 'T9',
    defect: {
      build: () => ({
        nobody: {
          name: 'broken',
          dial(handlers) {
            setTimeout(() => handlers.close('lost'), 5)
            return Promise.reject(new DialError('broken', 'nobody'))
          },
        },
      }),
    },
  },
  {
    name: 'measures a frame in code units',
    breaks: 'T12',
    defect: {
      act: (connection) => ({
        ...connection,
        // One that is too large in bytes only does not end the line.
        send: (text) => (text.length > 65_536 || Buffer.byteLength(text) <= 65_536) && connection.send(text),
      }),
    },
  },
  {
    name: 'goes on after an oversize frame of the server',
    breaks: 'T12',
    defect: { actFar: (far) => ({ ...far, send: (text) => Buffer.byteLength(text) <= 65_536 && far.send(text) }) },
  },
  {
    name: 'sends only the first of what waits at a close',
    breaks: 'T3',
    defect: { act: holding((held) => held.slice(0, 1)) },
  },
  {
    name: 'sends only the first of what waits at a close of the server',
    breaks: 'T4',
    defect: { actFar: holding((held) => held.slice(0, 1)) },
  },
  {
    name: 'sends what waits at a close in another order',
    breaks: 'T3',
    defect: { act: holding((held) => held.toReversed()) },
  },
  {
    name: 'says that it has closed a line that the other end had closed',
    breaks: 'T4',
    defect: {
      build: ({ dialer }) => ({
        dialer: {
          ...dialer,
          async dial(handlers, options) {
            let isOver = false
            const close = (reason: CloseReason) => {
              isOver = reason === 'remote'
              handlers.close(reason)
            }
            const connection = await dialer.dial(on(handlers, { close }), options)
            return { ...connection, close: () => (isOver ? close('local') : connection.close()) }
          },
        },
      }),
    },
  },
  {
    name: 'sends what the server said while it accepted after what it says next',
    breaks: 'T7',
    defect: { actFar: (far, _, accepting) => deferring(far, accepting) },
  },
  {
    name: 'sends the frames that the server said while it accepted in another order',
    breaks: 'T7',
    defect: {
      actFar(far, _, accepting) {
        const held: string[] = []
        const flush = () => {
          while (held.length > 0) far.send(held.pop() ?? '')
        }
        return {
          ...far,
          send: (text) => (accepting() ? void (held.push(text) === 1 && queueMicrotask(flush)) : far.send(text)),
        }
      },
    },
  },
  { name: 'leaves something open when it has closed a line', breaks: 'T3', defect: leavingOpen('local') },
  { name: 'leaves something open when the server has closed a line', breaks: 'T4', defect: leavingOpen('remote') },
  { name: 'leaves something open when a line is lost', breaks: 'T10', defect: leavingOpen('lost') },
  { name: 'leaves something open where nothing listens', breaks: 'T9', defect: leavingDial('nobody') },
  { name: 'leaves something open when a dial is refused', breaks: 'T11', defect: leavingDial('dialer') },
  { name: 'does not notice an abort after its first step', breaks: 'T6', defect: deafDial },
  { name: 'throws when sending on a lost line', breaks: 'T10', defect: sendingWhenLost },
  { name: 'says that it has closed a line that was lost', breaks: 'T10', defect: closingWhenLost },
  { name: 'drops what waits when the listener is closed', breaks: 'T11', defect: hastyListener },
]
