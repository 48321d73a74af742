import { lazyDialer } from '@patchbay/core/transport'
import type { LinePlug } from '@patchbay/plug'

/** The line for pages; at `/poll` of the server. */
export const plug: LinePlug<string> = {
  name: 'longpoll',
  label: 'Long-poll',
  ahead: true,
  // A GET is held for 10 s, and missed after 5 s more.
  traits: { lostWithinMs: 16_000 },
  settings: ({ server }) => `${server}/poll`,
  origins: (url) => [new URL(url).origin],
  dialer: (url) =>
    lazyDialer('longpoll', async () => {
      const { dialLongPoll } = await import('./client.ts')
      return dialLongPoll({ url })
    }),
  serve: '@patchbay/transport-longpoll/serve',
}
