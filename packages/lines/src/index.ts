import { plug as sse } from '@patchbay/example-transport-sse/plug'
import type { LinePlug } from '@patchbay/plug'
import { plug as longpoll } from '@patchbay/transport-longpoll/plug'
import { plug as mqtt } from '@patchbay/transport-mqtt/plug'
import { plug as sip } from '@patchbay/transport-sip/plug'
import { plug as websocket } from '@patchbay/transport-websocket/plug'

/** Every line there is, best first: `auto` tries them in this order. `LINES` chooses those that a deployment has. */
export const plugs: readonly LinePlug[] = [websocket, longpoll, mqtt, sip, sse]

/** Lines of a deployment that does not set `LINES`. */
export const defaultLines = 'websocket,longpoll,mqtt'

/**
 * The lines that `LINES` names, best first.
 * @throws {RangeError} that names the variable, for an unknown name.
 */
export function chosenPlugs(lines: string | undefined): readonly LinePlug[] {
  const names = (lines || defaultLines).split(',').map((name) => name.trim())
  const unknown = names.find((name) => !plugs.some((plug) => plug.name === name))
  if (unknown !== undefined)
    throw new RangeError(`LINES: "${unknown}" is not a line; there are ${plugs.map(({ name }) => name).join(', ')}.`)
  return plugs.filter(({ name }) => names.includes(name))
}
