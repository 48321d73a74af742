// What runs in both tabs of `files.mjs`.
import { FileShare, OpfsStore } from '@patchbay/core/files'

const pc = new RTCPeerConnection()
const peer = { id: 'peer' }
const bare = pc.createDataChannel('bare', { negotiated: true, id: 2 })
bare.binaryType = 'arraybuffer'
const files = pc.createDataChannel('files', { negotiated: true, id: 1 })
const free = async () => (await navigator.storage.estimate()).quota
const store = {
  folder: undefined,
  async has() {
    this.folder ??= await (await navigator.storage.getDirectory()).getDirectoryHandle('bench', { create: true })
    return false
  },
  async open(request) {
    return new OpfsStore(this.folder, free).open(request)
  },
}
const share = new FileShare({ self: () => 'self', store })
share.attach(peer, files, () => console.error('cut'))
share.subscribe(() => {
  for (const transfer of share.getSnapshot()) {
    if (transfer.direction === 'in' && transfer.state.phase === 'offered') share.accept(transfer)
  }
})

const gathered = () =>
  new Promise((resolve) => {
    pc.addEventListener('icegatheringstatechange', () => {
      if (pc.iceGatheringState === 'complete') resolve(pc.localDescription.sdp)
    })
  })
const opened = (channel) =>
  new Promise((resolve) => (channel.readyState === 'open' ? resolve() : channel.addEventListener('open', resolve)))

const MESSAGE_BYTES = 65_536
const HIGH = 1_048_576
const LOW = 262_144
bare.bufferedAmountLowThreshold = LOW
let left = Infinity
bare.addEventListener('message', ({ data }) => {
  if (data === 'all') return
  if (typeof data === 'string') {
    left = Number(data)
    return
  }
  left -= data.byteLength
  if (left === 0) bare.send('all')
})

window.bench = {
  async offer() {
    await pc.setLocalDescription()
    return gathered()
  },
  async answer(sdp) {
    await pc.setRemoteDescription({ type: 'offer', sdp })
    await pc.setLocalDescription()
    return gathered()
  },
  async connect(sdp) {
    await pc.setRemoteDescription({ type: 'answer', sdp })
    await Promise.all([opened(bare), opened(files)])
  },
  /** @returns milliseconds until the other tab has everything. */
  async bare(bytes) {
    const message = new ArrayBuffer(MESSAGE_BYTES)
    const all = new Promise((resolve) => bare.addEventListener('message', resolve, { once: true }))
    const start = performance.now()
    bare.send(String(bytes))
    for (let sent = 0; sent < bytes; sent += MESSAGE_BYTES) {
      if (bare.bufferedAmount > HIGH)
        await new Promise((resolve) => bare.addEventListener('bufferedamountlow', resolve, { once: true }))
      bare.send(message)
    }
    await all
    return performance.now() - start
  },
  async file(bytes) {
    const block = new Uint8Array(Math.min(bytes, 16_777_216)).map((_, i) => (i * 2_654_435_761) >>> 24)
    const file = new File(
      Array.from({ length: bytes / block.length }, () => block),
      'bench.bin',
    )
    const start = performance.now()
    share.offer(file, ['peer'])
    return new Promise((resolve) => {
      share.subscribe(() => {
        const { state } = share.getSnapshot()[0]
        if (state.phase === 'done') resolve({ ms: performance.now() - start, sha256: state.sha256 })
      })
    })
  },
  received: () => share.getSnapshot()[0].state.sha256,
}
