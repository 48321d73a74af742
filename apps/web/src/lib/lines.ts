import { AUTO, type LineMemory } from '@patchbay/core/client'
import { type Dialer, lazyDialer } from '@patchbay/core/transport'
import { dialWebSocket } from '@patchbay/transport-websocket/client'
import type { LineUrls } from './line-urls'
import { browser, read, write } from './storage'

/** A dialer whose code may not be loaded yet. */
export type PageDialer = Dialer & { preload?(): Promise<void> }

/** A line this page can use. */
export interface PageLine {
  readonly name: string
  readonly label: string
  /** Whether its code is fetched before it is needed, when the network may be down. Not where that is a large library. */
  readonly ahead: boolean
  readonly dialer: (urls: LineUrls) => PageDialer
}

/** Every line a page can have, best first; `auto` tries them in this order. A deployment serves some: `useLines`. */
export const pageLines: readonly PageLine[] = [
  {
    name: 'websocket',
    label: 'WebSocket',
    ahead: false,
    dialer: ({ server }) => dialWebSocket({ url: `${server.replace('http', 'ws')}/ws` }),
  },
  {
    name: 'longpoll',
    label: 'Long-poll',
    ahead: true,
    dialer: ({ server }) =>
      lazyDialer('longpoll', async () => {
        const { dialLongPoll } = await import('@patchbay/transport-longpoll/client')
        return dialLongPoll({ url: `${server}/poll` })
      }),
  },
  {
    name: 'mqtt',
    label: 'MQTT',
    ahead: false,
    dialer: ({ mqtt }) =>
      lazyDialer('mqtt', async () => {
        const { dialMqtt } = await import('@patchbay/transport-mqtt/client')
        return dialMqtt({ url: mqtt })
      }),
  },
  {
    name: 'sip',
    label: 'SIP',
    ahead: false,
    dialer: ({ sip }) =>
      lazyDialer('sip', async () => {
        const { dialSip } = await import('@patchbay/transport-sip/client')
        if (sip === undefined) throw new Error('This page has no account at a SIP exchange.')
        return dialSip(sip)
      }),
  },
  {
    name: 'sse',
    label: 'SSE (example)',
    ahead: false,
    dialer: ({ server }) =>
      lazyDialer('sse', async () => {
        const { dialSse } = await import('@patchbay/example-transport-sse/client')
        return dialSse({ url: `${server}/sse` })
      }),
  },
]

/** Display name of a line. */
export function labelOfLine(name: string): string {
  return pageLines.find((line) => line.name === name)?.label ?? name
}

const CHOICE_KEY = 'patchbay.line'
const PROVEN_KEY = 'patchbay.line.proven'

/** The line this person chose last, if it is one of `lines`: a name, or `auto`. */
export function rememberedLine(lines: readonly PageLine[]): string {
  const name = read(browser, CHOICE_KEY)
  return lines.find((line) => line.name === name)?.name ?? AUTO
}

/** Stores the choice for the next room. */
export function rememberLine(choice: string): void {
  write(browser, CHOICE_KEY, choice)
}

/** Remembers, per origin, the line that worked with `auto`. */
export const lineMemory: LineMemory = {
  read: () => read(browser, PROVEN_KEY),
  write: (name) => write(browser, PROVEN_KEY, name),
}
