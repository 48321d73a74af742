import type { LineHost, LineSource, ServedLine, ServerPlug } from '@patchbay/plug'
import { line as longpoll } from '@patchbay/transport-longpoll/serve'
import { line as websocket } from '@patchbay/transport-websocket/serve'

/** Name of a transport that needs no settings. */
export type LineName = 'websocket' | 'longpoll'

/** Transports that this package brings along. */
const ownLines: Readonly<Record<LineName, ServerPlug>> = { websocket, longpoll }

export function isLineName(name: string): name is LineName {
  return Object.hasOwn(ownLines, name)
}

/**
 * @throws the error of a transport that cannot be opened, or a {@link RangeError} for two with the same path; those that could be
 * opened are closed again.
 */
export async function openLines(lines: readonly (LineName | LineSource)[], host: LineHost): Promise<ServedLine[]> {
  const opened = await Promise.allSettled(
    lines.map(async (line) => {
      const served = await (typeof line === 'string' ? ownLines[line].open({}, host) : line(host))
      const { name, ready } = served.listener
      // The others serve all the same.
      ready?.catch((err: unknown) => host.log.error({ err }, `line ${name} cannot be reached`))
      return served
    }),
  )
  const served = opened.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
  const failed = opened.find((one) => one.status === 'rejected')
  const reason: unknown = failed === undefined ? sharedPathOf(served) : failed.reason
  if (failed === undefined && reason === undefined) return served
  await Promise.allSettled(served.map(({ listener }) => listener.close()))
  throw reason
}

/** @returns the error that says which two lines have the same path, if there are any. */
function sharedPathOf(served: readonly ServedLine[]): RangeError | undefined {
  for (const [place, { path, listener }] of served.entries()) {
    const other = path === undefined ? undefined : served.slice(0, place).find((one) => one.path === path)?.listener
    if (other !== undefined)
      return new RangeError(`\`lines\`: "${other.name}" and "${listener.name}" have the same path, ${path}.`)
  }
  return undefined
}
