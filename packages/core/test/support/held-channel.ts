import { decodeFileMessage, encode, type FileMessage, type PeerId, type PeerInfo } from '@patchbay/protocol'
import { unpackChunk } from '../../src/files/chunk.ts'
import { FileShare, type FileStore, type SourceFile } from '../../src/files/index.ts'
import { copied, FakeEventTarget } from '../simulator/fake-internet.ts'
import { attachFiles } from './file-port.ts'
import { ManualClock } from './manual-clock.ts'

/** A data channel whose other end is the test itself: nothing leaves it by itself. */
class HeldChannel extends FakeEventTarget {
  readyState: RTCDataChannelState = 'open'
  binaryType = 'blob'
  bufferedAmountLowThreshold = 0
  bufferedAmount = 0
  readonly sent: (string | ArrayBuffer)[] = []

  send(data: string | Uint8Array<ArrayBuffer>): void {
    const message = copied(data)
    this.sent.push(message)
    this.bufferedAmount += typeof message === 'string' ? message.length : message.byteLength
  }
}

/** Everything that is on its way from a disk or a hash has arrived. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 30; turn += 1) await new Promise(setImmediate)
}

/** Files of one person on a hand-driven clock, and channels to others that the test holds. */
export function shareOf(store?: FileStore, self: PeerId | undefined = 'me'.padEnd(22, '_') as PeerId) {
  const clock = new ManualClock()
  const share = new FileShare({ self: () => self, store, clock })
  const cuts: string[] = []

  const attach = (peer: PeerInfo, passes = true) => {
    const channel = new HeldChannel()
    const cut = () => cuts.push(peer.name)
    const detach = attachFiles(share, peer, channel, cut, () => passes)
    const news = () => channel.sent.splice(0)
    return {
      channel,
      /** The channel opens. */
      open: () => channel.emit('open'),
      detach,
      async say(...said: (FileMessage | string | ArrayBuffer | Blob)[]) {
        for (const one of said) {
          const isRaw = typeof one === 'string' || one instanceof ArrayBuffer || one instanceof Blob
          const data = isRaw ? one : encode(one)
          channel.emit('message', { data })
        }
        await settle()
      },
      /** What the other end was told and did not look at yet. */
      texts: () => news().flatMap((one) => (typeof one === 'string' ? (decodeFileMessage(one) ?? []) : [])),
      /** Pieces of files that were sent and not looked at yet. */
      pieces: () => news().flatMap((one) => (typeof one === 'string' ? [] : [unpackChunk(one)])),
      /** Everything in the channel leaves it. */
      async drain() {
        channel.bufferedAmount = 0
        channel.emit('bufferedamountlow')
        await settle()
      },
    }
  }

  /** The list as it is shown. */
  const shown = async () => {
    await clock.advance(100)
    return share.getSnapshot()
  }
  return { clock, share, cuts, attach, shown }
}

/** A file of nothing but zeros. */
export const emptyFile = (size: number, name = 'zeros', lastModified = 1): SourceFile => ({
  name,
  size,
  type: 'text/plain',
  lastModified,
  slice: (start, end) => ({ arrayBuffer: () => Promise.resolve(new ArrayBuffer(end - start)) }),
})
