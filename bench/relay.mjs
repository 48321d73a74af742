import { setTimeout as sleep } from 'node:timers/promises'
import { startServer } from './server-process.mjs'
import { quantile } from './statistics.mjs'

const ROOMS = 50
const ROOM_SIZE = 4
const IN_FLIGHT = 200
const RATE_PER_SECOND = 2_000

/** A session description of the shape and length that a browser writes for audio and video. */
const sdp = [
  'v=0',
  'o=- 4611731400430051336 2 IN IP4 127.0.0.1',
  's=-',
  't=0 0',
  'a=group:BUNDLE 0 1',
  'a=msid-semantic: WMS 7f2d',
  ...Array.from({ length: 40 }, (_, i) => `a=rtpmap:${96 + i} VP8/90000\r\na=rtcp-fb:${96 + i} nack pli`),
]
  .join('\r\n')
  .slice(0, 2_600)
const payload = (kind, value) => ({ kind, value, body: JSON.stringify(value) })
const candidate = 'candidate:842163049 1 udp 1677729535 203.0.113.7 46154 typ srflx raddr 10.0.0.5 rport 46154'

/** Bodies of realistic size: an offer of audio and video, and one candidate. */
const payloads = {
  offer: payload('offer', { connection: 1, peerConnection: null, n: 1, offers: 1, sdp }),
  candidate: payload('ice_candidate', {
    connection: 1,
    candidate: `${candidate} generation 0 ufrag EsAw network-id 1 network-cost 10`,
    sdpMid: '0',
    sdpMLineIndex: 0,
    usernameFragment: 'EsAw',
  }),
}

/** One target under relay load: rooms of four whose members send to the next in turn. */
async function startRelay(target) {
  const server = await (target.start ?? startServer)(target.server)
  const peers = []
  for (let i = 0; i < ROOMS * ROOM_SIZE; i += 1) {
    const handlers = { notice: () => {}, message: () => {} }
    peers.push({
      handlers,
      peer: await target.connect(server.portOf?.(i) ?? server.port, `room-${Math.floor(i / ROOM_SIZE)}`, handlers),
    })
  }
  const nextOf = (i) => peers[i % ROOM_SIZE === ROOM_SIZE - 1 ? i - ROOM_SIZE + 1 : i + 1].peer.id
  const send = (i, message) => peers[i].peer.send(nextOf(i), message)
  const onMessage = (handle) => {
    for (const [i, { handlers }] of peers.entries()) handlers.message = (body) => handle(i, body)
  }

  return {
    name: target.name,
    stop: () => server.stop(),

    /** Verifies that marked messages from everyone arrive complete, once, and only at the right member. */
    async check() {
      const arrived = new Map()
      onMessage((i, body) => {
        const { mark } = target.valueOf(body)
        arrived.set(mark, [...(arrived.get(mark) ?? []), i])
      })
      for (const [i] of peers.entries()) send(i, payload('offer', { mark: i }))
      for (const end = Date.now() + 10_000; arrived.size < peers.length && Date.now() < end;) await sleep(20)
      await sleep(100)
      const right = peers.every(({ peer }, i) => {
        const at = arrived.get(i) ?? []
        return at.length === 1 && nextOf(i) === peers[at[0]].peer.id && peer.id !== ''
      })
      if (!right) throw new Error(`${target.name} lost, doubled or misrouted messages.`)
    },

    /** Closed loop: each receipt triggers the next message. @returns CPU microseconds of the server per message. */
    async closedLoop(message, durationMs) {
      let count = 0
      let running = true
      let flying = IN_FLIGHT
      const drained = new Promise((resolve) => {
        onMessage((i) => {
          count += 1
          if (running) return send(i, message)
          flying -= 1
          if (flying === 0) resolve()
        })
      })
      const before = await server.usage()
      for (let i = 0; i < IN_FLIGHT; i += 1) send(i, message)
      await sleep(durationMs)
      running = false
      await drained
      const after = await server.usage()
      return (after.cpuMicros - before.cpuMicros) / count
    },

    /**
     * As many in flight, but one on each connection: a room's members send again once all of them have received. So nothing
     * that arrives or leaves can be put together. @returns CPU microseconds of the server per message.
     */
    async oneEach(message, durationMs) {
      let count = 0
      let running = true
      let busyRooms = ROOMS
      const arrived = Array.from({ length: ROOMS }, () => 0)
      const sendAll = (room) => {
        arrived[room] = 0
        for (let i = room * ROOM_SIZE; i < (room + 1) * ROOM_SIZE; i += 1) send(i, message)
      }
      const drained = new Promise((resolve) => {
        onMessage((i) => {
          const room = Math.floor(i / ROOM_SIZE)
          count += 1
          arrived[room] += 1
          if (arrived[room] < ROOM_SIZE) return
          if (running) return sendAll(room)
          busyRooms -= 1
          if (busyRooms === 0) resolve()
        })
      })
      const before = await server.usage()
      for (let room = 0; room < ROOMS; room += 1) sendAll(room)
      await sleep(durationMs)
      running = false
      await drained
      const after = await server.usage()
      return (after.cpuMicros - before.cpuMicros) / count
    },

    /** Open loop at a fixed rate, timed from when each message was due. @returns median latency in microseconds. */
    async openLoop(message, durationMs) {
      const total = (RATE_PER_SECOND * durationMs) / 1_000
      const due = peers.map(() => [])
      const latencies = []
      const everMs = 1_000 / RATE_PER_SECOND
      const done = new Promise((resolve) => {
        onMessage((i) => {
          latencies.push(performance.now() - due[i].shift())
          if (latencies.length === total) resolve()
        })
      })
      const start = performance.now()
      for (let sent = 0; sent < total;) {
        for (const now = performance.now(); sent < total && start + sent * everMs <= now; sent += 1) {
          const i = sent % peers.length
          due[peers.findIndex(({ peer }) => peer.id === nextOf(i))].push(start + sent * everMs)
          send(i, message)
        }
        await new Promise((resolve) => setImmediate(resolve))
      }
      await done
      return quantile(latencies, 0.5) * 1_000
    },
  }
}

/**
 * All targets side by side, taking turns.
 * @returns {Promise<Record<'offer' | 'candidate' | 'single' | 'latency', Map<string, number[]>>>} rounds by target.
 */
export async function measureRelay(targets, { rounds, windowMs, kinds = ['offer', 'candidate', 'single', 'latency'] }) {
  const relays = []
  for (const target of targets) relays.push(await startRelay(target))
  for (const relay of relays) {
    await relay.check()
    await relay.closedLoop(payloads.offer, windowMs)
    await relay.closedLoop(payloads.candidate, windowMs)
  }
  const work = {
    offer: (relay) => relay.closedLoop(payloads.offer, windowMs),
    candidate: (relay) => relay.closedLoop(payloads.candidate, windowMs),
    single: (relay) => relay.oneEach(payloads.offer, windowMs),
    latency: (relay) => relay.openLoop(payloads.offer, windowMs),
  }
  const results = {}
  for (const kind of kinds) {
    const run = work[kind]
    results[kind] = new Map(relays.map(({ name }) => [name, []]))
    for (let round = 0; round < rounds; round += 1) {
      for (const relay of relays) results[kind].get(relay.name).push(await run(relay))
    }
  }
  for (const relay of relays) await relay.stop()
  return results
}
