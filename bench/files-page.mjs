// Page script of the tabs in `files.mjs`.
import { FileShare, OpfsStore } from '@patchbay/core/files'

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
/** Waits until `found` returns a value for the only transfer. @returns that value. */
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
const done = () =>
  when(({ phase, sha256, why }) => {
    if (phase === 'stopped') return Promise.reject(new Error(`The file was stopped: ${why}.`))
    return phase === 'done' ? sha256 : undefined
  })

const MESSAGE_BYTES = 65_536
const HIGH = 1_048_576
const LOW = 262_144
/** The newest connection to each tab, by the tab's name. */
const connections = new Map()
/** File bytes sent, over all connections. */
let sentBytes = 0

function newConnection(name) {
  const pc = new RTCPeerConnection()
  const chat = pc.createDataChannel('chat', { negotiated: true, id: 0 })
  chat.addEventListener('message', ({ data }) => data.startsWith('ping') && chat.send(data.replace('ping', 'pong')))
  const bare = pc.createDataChannel('bare', { negotiated: true, id: 2 })
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
  share.attach({
    peer: { id: name, instance: 'i', capabilities: { files: true } },
    connection: { createDataChannel: () => files },
    cut: () => console.error('cut'),
  })
  const open = (channel) => new Promise((resolve) => channel.addEventListener('open', resolve))
  connections.set(name, { pc, bare, chat, opened: Promise.all([chat, bare, files].map(open)) })
  return pc
}

const gathered = (pc) =>
  new Promise((resolve) => {
    pc.addEventListener('icegatheringstatechange', () => {
      if (pc.iceGatheringState === 'complete') resolve(pc.localDescription.sdp)
    })
  })
const fileOf = (bytes, name) => {
  const block = new Uint8Array(Math.min(bytes, 16_777_216)).map((_, i) => (i * 2_654_435_761) >>> 24)
  return new File(
    Array.from({ length: bytes / block.length }, () => block),
    name,
    { lastModified: 0 },
  )
}
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms))
/** @returns milliseconds until a chat message to that tab has been answered. */
const roundTrip = ({ chat }) =>
  new Promise((resolve) => {
    const start = performance.now()
    chat.addEventListener('message', () => resolve(performance.now() - start), { once: true })
    chat.send('ping')
  })

window.bench = {
  async offer(to) {
    const pc = newConnection(to)
    await pc.setLocalDescription()
    return gathered(pc)
  },
  async answer(from, sdp) {
    const pc = newConnection(from)
    await pc.setRemoteDescription({ type: 'offer', sdp })
    await pc.setLocalDescription()
    return gathered(pc)
  },
  async connect(to, sdp) {
    const { pc, opened } = connections.get(to)
    await pc.setRemoteDescription({ type: 'answer', sdp })
    await opened
  },
  /** @returns milliseconds until the other tab has everything. */
  async bare(bytes) {
    const [{ bare }] = connections.values()
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
  /** Sends the chosen file. @returns milliseconds until the other tab has it, its hash, and the bytes sent. */
  async file() {
    const start = performance.now()
    share.offer(document.querySelector('input').files[0], [...connections.keys()])
    return { sha256: await done(), ms: performance.now() - start, sentBytes }
  },
  /** Sends files of this size to everyone at once. @returns round trips of chat meanwhile, in milliseconds. */
  async filesBesideChat(count, bytes) {
    for (let i = 0; i < count; i += 1) share.offer(fileOf(bytes, `${i}.bin`), [...connections.keys()])
    const all = count * connections.size
    const trips = []
    const over = () => share.getSnapshot().filter(({ state }) => state.phase === 'done').length === all
    const talk = async (connection) => {
      while (!over()) {
        trips.push(await roundTrip(connection))
        await sleep(50)
      }
    }
    await Promise.all([...connections.values()].map(talk))
    return trips
  },
  /** Waits until this many bytes have been written. */
  reached: (bytes) => when((state) => (state.bytes >= bytes ? true : undefined)),
  received: done,
}
