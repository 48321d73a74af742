import { MAX_DURATION_MS } from '@patchbay/protocol'
import { createTrust, type Trust } from './client-address.ts'
import { isLineName } from './lines.ts'
import type { SignalingOptions } from './signaling-options.ts'

/**
 * Checks options by which nobody could be served, or everybody without a limit.
 * @throws {RangeError} that names the option.
 */
export function requireOptions(options: SignalingOptions): void {
  const { path = '', lines, authorize, allowedOrigins = 'same-host' } = options
  if (!/^(\/[\w.~-]+)*$/.test(path)) throw new RangeError('`path` must be like /rooms, without a slash at its end.')
  if (lines?.length === 0) throw new RangeError('`lines` must have one at least.')
  for (const line of lines ?? [])
    if (typeof line !== 'function' && !isLineName(line))
      throw new RangeError(`\`lines\`: "${String(line)}" must be handed in; only websocket and longpoll go by name.`)
  if (authorize !== undefined && typeof authorize !== 'function')
    throw new RangeError('`authorize` must be a function.')
  for (const name of ['linesPerAddress', 'newLinesPerSecond', 'brokerLines'] as const) {
    const value = options[name]
    if (value !== undefined && !(value > 0)) throw new RangeError(`\`${name}\` must be a number above 0.`)
  }
  for (const origin of allowedOrigins === 'same-host' ? [] : allowedOrigins)
    if (!isOrigin(origin))
      throw new RangeError(`\`allowedOrigins\`: "${origin}" must be like https://chat.example, without a path.`)
}

/** Whether a browser, or an application that is packaged with one, sends such an `Origin`. */
function isOrigin(text: string): boolean {
  if (/^https?:/i.test(text)) return URL.canParse(text) && new URL(text).origin === text
  return text === 'null' || /^[a-z][\w+.-]*:\/\/[^/\s]*$/.test(text)
}

/** Whether clients can be told to come back within that span. */
export function isSpread(ms: unknown): ms is number {
  return typeof ms === 'number' && ms >= 0 && ms <= MAX_DURATION_MS
}

/** Whether a server can listen there. */
export function isPort(port: unknown): boolean {
  return Number.isInteger(port) && Number(port) >= 0 && Number(port) <= 65_535
}

/** @throws {RangeError} that names the option. */
export function trustOf(trustProxy: SignalingOptions['trustProxy']): Trust {
  if (trustProxy === undefined) return () => false
  if (typeof trustProxy === 'function') return trustProxy
  try {
    return createTrust(trustProxy)
  } catch (cause) {
    throw new RangeError(`\`trustProxy\` must be addresses or subnets: ${(cause as Error).message}`, { cause })
  }
}
