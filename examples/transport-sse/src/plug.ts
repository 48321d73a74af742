import { lazyDialer } from '@patchbay/core/transport'
import type { LinePlug } from '@patchbay/plug'

/** The line for pages; at `/sse` of the server. */
export const plug: LinePlug<string> = {
  name: 'sse',
  label: 'SSE (example)',
  ahead: false,
  traits: { lostWithinMs: 1_000 },
  settings: ({ server }) => `${server}/sse`,
  origins: (url) => [new URL(url).origin],
  dialer: (url) =>
    lazyDialer('sse', async () => {
      const { dialSse } = await import('./client.ts')
      return dialSse({ url })
    }),
  serve: '@patchbay/example-transport-sse/serve',
}
