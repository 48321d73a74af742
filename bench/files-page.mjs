// What runs in the tabs of `files.mjs`.
import { FileShare, OpfsStore } from '@patchbay/core/files'

const peer = { id: 'peer', instance: 'i' }
const free = async () => (await navigator.storage.estimate()).quota
const folderNow = async () =>
  (await navigator.storage.getDirectory()).getDirectoryHandle(location.hash.slice(1), { create: true })
const store = {
  has: async (request) => new OpfsStore(await folderNow(), free).has(request),
  open: async (request) => new OpfsStore(await folderNow(), free).open(request),
}
const share = new FileShare({ self: () => 'self', store })
share.subscribe(() => {
  for (const transfer of share.getSnapshot()) {
    if (transfer.direction === 'in' && transfer.state.phase === 'offered') share.accept(transfer)
  }
})
/** @returns what `found` makes of the one transfer there is, as soon as it makes something of it. */
const when = (found) =>
  new Promise((resolve) => {
    const look = () => {
      const state = share.getSnapshot()[0]?.state
      const value = state && found(state)
      if (value !== undefined) resolve(value)
    }
    share.subscribe(look)
    look()
  })
const done = () => when(({ phase, sha256 }) => (phase === 'done' ? sha256 : undefined))

const MESSAGE_BYTES = 65_536
const HIGH = 1_048_576
const LOW = 262_144
let pc
let bare
let opened
/** Bytes of files sent, on whatever connection. */
let sentBytes = 0

function newConnection() {
  pc = new RTCPeerConnection()
  bare = pc.createDataChannel('bare', { negotiated: true, id: 2 })
  bare.binaryType = 'arraybuffer'
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
  const files = pc.createDataChannel('files', { negotiated: true, id: 1 })
  const send = files.send.bind(files)
  files.send = (data) => {
    if (typeof data !== 'string') sentBytes += data.byteLength
    send(data)
  }
  share.attach(peer, files, () => console.error('cut'))
  const open = (channel) => new Promise((resolve) => channel.addEventListener('open', resolve))
  opened = Promise.all([open(bare), open(files)])
}

const gathered = () =>
  new Promise((resolve) => {
    pc.addEventListener('icegatheringstatechange', () => {
      if (pc.iceGatheringState === 'complete') resolve(pc.localDescription.sdp)
    })
  })

window.bench = {
  async offer() {
    newConnection()
    await pc.setLocalDescription()
    return gathered()
  },
  async answer(sdp) {
    newConnection()
    await pc.setRemoteDescription({ type: 'offer', sdp })
    await pc.setLocalDescription()
    return gathered()
  },
  async connect(sdp) {
    await pc.setRemoteDescription({ type: 'answer', sdp })
    await opened
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
  /** @returns milliseconds until the other tab has the file, its hash, and how many bytes of pieces were sent. */
  async file(bytes) {
    const block = new Uint8Array(Math.min(bytes, 16_777_216)).map((_, i) => (i * 2_654_435_761) >>> 24)
    const parts = Array.from({ length: bytes / block.length }, () => block)
    const start = performance.now()
    share.offer(new File(parts, 'bench.bin', { lastModified: 0 }), ['peer'])
    return { sha256: await done(), ms: performance.now() - start, sentBytes }
  },
  /** @returns once so many bytes are written. */
  reached: (bytes) => when((state) => (state.bytes >= bytes ? true : undefined)),
  received: done,
}
