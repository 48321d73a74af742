import type { PeerInfo } from '@patchbay/protocol'
import { expect } from 'vitest'
import { AppChannels } from '../../src/mesh/channels/app-channels.ts'
import type { LinkPort } from '../../src/mesh/index.ts'
import { FakeChannel } from './channel-pair.ts'
import { counting } from './counting.ts'
import { ManualClock } from './manual-clock.ts'

/** Channels on one link whose data channels the test holds. */
export async function linked({ theirFeatures = ['channels'] } = {}) {
  const clock = new ManualClock()
  const pipes = { app: FakeChannel.pair(), 'app-latest': FakeChannel.pair() }
  let cuts = 0
  let lost = 0
  const port = {
    peer: { id: 'a'.repeat(22) } as PeerInfo,
    ...counting(clock),
    isOpen: true,
    passes: true,
    state: { phase: 'connected' },
    has: (feature: string) => theirFeatures.includes(feature),
    connection: { createDataChannel: (label: keyof typeof pipes) => pipes[label][0] },
    cut: () => void (cuts += 1),
    giveUp: () => void (lost += 1),
  }
  const channels = new AppChannels()
  const link = channels.attach(port as unknown as LinkPort)
  await expect.poll(() => pipes['app-latest'][0].readyState).toBe('open')
  const sent: { readonly [pipe in keyof typeof pipes]: ArrayBuffer[] } = { app: [], 'app-latest': [] }
  for (const pipe of ['app', 'app-latest'] as const)
    pipes[pipe][1].addEventListener('message', (event) => sent[pipe].push((event as MessageEvent<ArrayBuffer>).data))
  return { channels, link, port, pipes, sent, clock, cuts: () => cuts, lost: () => lost }
}
