import type { CreatePeerConnection } from '../mesh/index.ts'

/** Result of testing one route through a TURN server. */
export interface RelayResult {
  /** Round trip between the two ends, through the server each way, in milliseconds. */
  readonly roundTripMs: number
  readonly bitsPerSecond: number
}

/** Timeout for opening the loop, and for a round trip. */
const OPEN_MS = 10_000
const BLOCK_BYTES = 16_384
/** Sending pauses at the high-water mark and resumes at the low one. */
const HIGH_WATER_BYTES = 524_288
const LOW_WATER_BYTES = 131_072

/**
 * Connects this page to itself through one TURN server only, and sends for a while.
 * @param measureMs how long to send; 0 measures the round trip only.
 * @throws {Error} when nothing gets through.
 */
export async function measureRelay(
  create: CreatePeerConnection,
  server: RTCIceServer,
  measureMs: number,
): Promise<RelayResult> {
  const ends = [0, 1].map(() => create({ iceServers: [server], iceTransportPolicy: 'relay' })) as [
    RTCPeerConnection,
    RTCPeerConnection,
  ]
  try {
    const [near, far] = await connect(ends)
    const roundTripMs = await pingOver(near, far)
    return { roundTripMs, bitsPerSecond: measureMs === 0 ? 0 : await flood(near, far, measureMs) }
  } finally {
    for (const end of ends) end.close()
  }
}

async function connect(
  ends: readonly [RTCPeerConnection, RTCPeerConnection],
): Promise<[RTCDataChannel, RTCDataChannel]> {
  const channels = ends.map((end) => end.createDataChannel('check', { negotiated: true, id: 0 }))
  ends.forEach((end, i) =>
    end.addEventListener('icecandidate', ({ candidate }) => {
      if (candidate !== null) void ends[1 - i]?.addIceCandidate(candidate).catch(() => undefined)
    }),
  )
  const open = channels.map((channel) => new Promise((resolve) => channel.addEventListener('open', resolve)))
  const [one, two] = ends
  await one.setLocalDescription()
  await two.setRemoteDescription(one.localDescription as RTCSessionDescription)
  await two.setLocalDescription()
  await one.setRemoteDescription(two.localDescription as RTCSessionDescription)
  await inTime(Promise.all(open), OPEN_MS)
  return channels as [RTCDataChannel, RTCDataChannel]
}

async function pingOver(near: RTCDataChannel, far: RTCDataChannel): Promise<number> {
  far.addEventListener('message', () => far.send('pong'), { once: true })
  const back = new Promise((resolve) => near.addEventListener('message', resolve, { once: true }))
  const begun = performance.now()
  near.send('ping')
  await inTime(back, OPEN_MS)
  return performance.now() - begun
}

/** Sends as fast as possible. @returns received bits per second. */
async function flood(near: RTCDataChannel, far: RTCDataChannel, ms: number): Promise<number> {
  const block = new Uint8Array(BLOCK_BYTES)
  far.binaryType = 'arraybuffer'
  near.bufferedAmountLowThreshold = LOW_WATER_BYTES
  let arrived = 0
  far.addEventListener('message', ({ data }: MessageEvent<ArrayBuffer>) => (arrived += data.byteLength))
  const fill = () => {
    while (near.readyState === 'open' && near.bufferedAmount < HIGH_WATER_BYTES) near.send(block)
  }
  near.addEventListener('bufferedamountlow', fill)
  const begun = performance.now()
  fill()
  await new Promise((resolve) => setTimeout(resolve, ms))
  near.removeEventListener('bufferedamountlow', fill)
  return (8_000 * arrived) / (performance.now() - begun)
}

function inTime<T>(what: Promise<T>, ms: number): Promise<T> {
  return Promise.race([
    what,
    new Promise<never>((_, reject) => {
      setTimeout(() => reject(new Error('Nothing got through in time.')), ms)
    }),
  ])
}
