import type { LineHost, LineSource, NodeLinks, ServedLine, ServerPlug } from '@patchbay/plug'
import { line as longpoll } from '@patchbay/transport-longpoll/serve'
import { line as websocket } from '@patchbay/transport-websocket/serve'

/** Name of a transport that needs no settings. */
export type LineName = 'websocket' | 'longpoll'

/** Transports that this package brings along. */
const ownLines: Readonly<Record<LineName, ServerPlug>> = { websocket, longpoll }

export function isLineName(name: string): name is LineName {
  return Object.hasOwn(ownLines, name)
}

/** @throws the error of a transport that cannot be opened; those that could be are closed again. */
export async function openLines(
  lines: readonly (LineName | LineSource)[],
  linksFor: ((place: number) => NodeLinks) | undefined,
  common: Omit<LineHost, 'nodes'>,
): Promise<ServedLine[]> {
  const opened = await Promise.allSettled(
    lines.map(async (line, place) => {
      const host: LineHost = { ...common, nodes: linksFor?.(place) }
      return typeof line === 'string' ? ownLines[line].open({}, host) : line(host)
    }),
  )
  const served = opened.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
  for (const one of opened) {
    if (one.status === 'fulfilled') continue
    await Promise.allSettled(served.map(({ listener }) => listener.close()))
    throw one.reason
  }
  return served
}
