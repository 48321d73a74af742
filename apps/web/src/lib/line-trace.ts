import type { Dialer } from '@patchbay/core/transport'

/** Something that happened on a line, or alike things that followed each other closely. Holds no text that anybody wrote. */
export interface TraceEntry {
  /** Counts all entries of the page. */
  readonly n: number
  /** When it happened first, and last, on the clock of the page, in milliseconds. */
  readonly atMs: number
  lastMs: number
  /** How often. */
  count: number
  /** Name of the line; of what concerns none, empty. */
  readonly line: string
  readonly what: 'sent' | 'received' | 'line' | 'session' | 'member'
  /** Type of the message, or what became of line, session or member. */
  readonly kind: string
  /** Size of the frames in UTF-8, in bytes. */
  size: number
}

/** How many entries are kept. */
export const MAX_ENTRIES = 500
/** Among so many of the newest an alike one is looked for: both ends send `ping` and `pong`. */
const ALIKE = 4
const encoder = new TextEncoder()
const entries: TraceEntry[] = []
let made = 0

/** What happened on the lines since the page was loaded, oldest first. */
export const traceEntries = (): readonly TraceEntry[] => entries

/** Notes something that happened. */
export function trace(line: string, what: TraceEntry['what'], kind: string, size = 0): void {
  const lastMs = performance.now()
  const alike =
    what === 'sent' || what === 'received'
      ? entries.slice(-ALIKE).find((each) => each.line === line && each.what === what && each.kind === kind)
      : undefined
  if (alike !== undefined) return void Object.assign(alike, { lastMs, count: alike.count + 1, size: alike.size + size })
  entries.push({ n: (made += 1), atMs: lastMs, lastMs, count: 1, line, what, kind, size })
  if (entries.length > MAX_ENTRIES) entries.shift()
}

/** A dialer whose lines note what goes over them: the types of messages and their sizes. */
export function traced<D extends Dialer>(dialer: D): D {
  const { name } = dialer
  const frame = (what: 'sent' | 'received', text: string) => {
    const [, type = 'unreadable'] = /^\{"type":"(\w{1,24})"/.exec(text) ?? []
    const isRecovered = type === 'welcome' && text.includes('"recovered":true')
    trace(name, what, isRecovered ? 'welcome, recovered' : type, encoder.encode(text).length)
  }
  const dial: Dialer['dial'] = async (handlers, options) => {
    trace(name, 'line', 'dialed')
    try {
      const line = await dialer.dial(
        {
          frame: (text) => {
            frame('received', text)
            handlers.frame(text)
          },
          close: (reason) => {
            trace(name, 'line', `closed: ${reason}`)
            handlers.close(reason)
          },
        },
        options,
      )
      trace(name, 'line', 'opened')
      return {
        id: line.id,
        send: (text) => {
          frame('sent', text)
          line.send(text)
        },
        close: () => line.close(),
      }
    } catch (error) {
      trace(name, 'line', options.signal.aborted ? 'given up' : 'not opened')
      throw error
    }
  }
  return { ...dialer, dial }
}
