import { fullCapabilities, type PeerId, type PeerInfo } from '@patchbay/protocol'
import { expect } from 'vitest'
import { FileShare, type FileStore, type SourceFile, type Transfer } from '../../src/files/index.ts'
import { FakeChannel } from './channel-pair.ts'
import { attachFiles } from './file-port.ts'

export const MIB = 1_048_576
/** Polls with a timeout that suits a busy machine. */
export const poll = (get: () => unknown): ReturnType<typeof expect.poll> => expect.poll(get, { timeout: 10_000 })
const info = (name: string): PeerInfo => ({
  id: name.padEnd(22, '_') as PeerId,
  instance: 'i'.repeat(22) as PeerInfo['instance'],
  name,
  line: 'test',
  state: 'here',
  capabilities: fullCapabilities,
})
export const [ada, bob] = [info('ada'), info('bob')]

/** A store without a size limit that calls `write` for each piece and keeps nothing. */
export function storeThat(write: () => Promise<void>): FileStore {
  return {
    has: () => Promise.resolve(false),
    open: () =>
      Promise.resolve({
        size: 0,
        async *kept() {},
        write,
        finish: () => Promise.resolve(new Blob()),
        discard: () => Promise.resolve(),
      }),
  }
}

/** One side of a pair, as one instance. */
export class Side {
  readonly me: PeerInfo
  readonly share: FileShare
  readonly cuts: string[] = []
  /** Closes the connection from this side, which fires no channel event. */
  leave: () => void = () => {}

  constructor(me: PeerInfo, store?: FileStore) {
    this.me = me
    this.share = new FileShare({ self: () => me.id, store })
  }

  get transfers(): readonly Transfer[] {
    return this.share.getSnapshot()
  }

  get phases(): string[] {
    return this.transfers.map(({ state }) => state.phase)
  }

  attach(other: PeerInfo, channel: FakeChannel): void {
    const cut = () => {
      this.cuts.push(other.name)
      channel.lose()
    }
    this.leave = attachFiles(this.share, other, channel, cut)
  }

  async acceptNext(): Promise<void> {
    await poll(() => this.phases).toContain('offered')
    for (const transfer of this.transfers) if (transfer.state.phase === 'offered') this.share.accept(transfer)
  }
}

export function connect(one: Side, two: Side): [FakeChannel, FakeChannel] {
  const ends = FakeChannel.pair()
  one.attach(two.me, ends[0])
  two.attach(one.me, ends[1])
  return ends
}

export function fileOf(size: number, name = 'picture.png', seed = 1): SourceFile & { readonly bytes: Uint8Array } {
  const bytes = new Uint8Array(size)
  for (let i = 0, value = seed; i < size; i += 1) {
    value = (Math.imul(value, 1_664_525) + 1_013_904_223) | 0
    bytes[i] = value >>> 24
  }
  return {
    name,
    size,
    type: 'image/png',
    lastModified: 7,
    bytes,
    slice: (start, end) => ({ arrayBuffer: () => Promise.resolve(bytes.slice(start, end).buffer) }),
  }
}
