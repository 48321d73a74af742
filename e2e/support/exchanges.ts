import { plugs } from '@patchbay/lines'
import type { Exchange } from '@patchbay/test-servers'
import { existsSync } from 'node:fs'

/** What the folder of a transport says of its exchange: `test/support/exchange.ts`. */
interface ExchangeModule {
  /** Whether it is installed. */
  readonly isThere: boolean
  startExchange(): Promise<Exchange>
}

const files = plugs
  .map(
    ({ name }) =>
      [name, new URL(`../../packages/transport-${name}/test/support/exchange.ts`, import.meta.url)] as const,
  )
  .filter(([, file]) => existsSync(file))

/** Exchanges of the lines that are not served without one, by the line's name. */
export const exchanges: ReadonlyMap<string, ExchangeModule> = new Map(
  await Promise.all(files.map(async ([name, file]) => [name, (await import(file.href)) as ExchangeModule] as const)),
)
