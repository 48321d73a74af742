// Page script of the tabs in `join.mjs`: each contender can wait in a room, and join one.
import { SignalingClient } from '@patchbay/core/client'
import { Mesh } from '@patchbay/core/mesh'
import { createInstanceId, createPeerSecret } from '@patchbay/protocol'
import { dialLongPoll } from '@patchbay/transport-longpoll/client'
import { dialWebSocket } from '@patchbay/transport-websocket/client'
import { Peer as PeerJs } from 'peerjs'
import SimplePeer from 'simple-peer/simplepeer.min.js'
import { joinRoom as joinTrystero } from '@trystero-p2p/mqtt'
import { dialMqtt } from './mqtt-line.mjs'

/**
 * A contender: `enter` joins a room as `id` and calls `open(say)` for each member it is connected to, and `heard(text)` for
 * what they say. `ids` are the others', for those who must know. Returns a function that leaves.
 */
const patchbay =
  (dial) =>
  (ports, room, _id, _ids, { open, heard }) => {
    const client = new SignalingClient({
      dialers: [dial(ports)],
      secret: createPeerSecret(),
      instance: createInstanceId(),
    })
    const mesh = new Mesh({
      signaling: client,
      entry: { room, name: 'Bench' },
      createPeerConnection: (configuration) => new RTCPeerConnection(configuration),
    })
    const known = new Set()
    let read = 0
    mesh.subscribe(() => {
      for (const { info, link } of mesh.getSnapshot())
        if (link.phase === 'connected' && !known.has(info.id)) {
          known.add(info.id)
          open((text) => mesh.chat.send(text))
        }
    })
    mesh.chat.subscribe(() => {
      const entries = mesh.chat.getSnapshot()
      const fresh = entries.slice(read)
      read = entries.length
      for (const entry of fresh) if (entry.kind === 'message' && entry.from !== undefined) heard(entry.text)
    })
    return () => {
      mesh.close()
      client.close()
    }
  }

/** A room server of a few lines, with what one needs to connect and nothing else. */
function naiveRoom(ports, room, id, on) {
  const socket = new WebSocket(`ws://127.0.0.1:${ports.naive}`)
  const send = (message) => socket.send(JSON.stringify(message))
  socket.addEventListener('open', () => send({ type: 'join', room, id }))
  socket.addEventListener('message', ({ data }) => on(JSON.parse(data), send))
  return () => socket.close()
}

function floor(ports, room, id, _ids, { open, heard }) {
  const connections = new Map()
  const connectionTo = (peer, send) => {
    const pc = new RTCPeerConnection()
    const channel = pc.createDataChannel('chat', { negotiated: true, id: 0 })
    channel.addEventListener('open', () => open((text) => channel.send(text)))
    channel.addEventListener('message', ({ data }) => heard(data))
    pc.addEventListener('icecandidate', ({ candidate }) => candidate && send({ to: peer, candidate }))
    connections.set(peer, pc)
    return pc
  }
  const leave = naiveRoom(ports, room, id, async (message, send) => {
    for (const peer of message.peers ?? []) {
      const pc = connectionTo(peer, send)
      await pc.setLocalDescription()
      send({ to: peer, sdp: pc.localDescription })
    }
    const { from, sdp, candidate } = message
    if (sdp?.type === 'offer') {
      const pc = connectionTo(from, send)
      await pc.setRemoteDescription(sdp)
      await pc.setLocalDescription()
      send({ to: from, sdp: pc.localDescription })
    } else if (sdp !== undefined) await connections.get(from).setRemoteDescription(sdp)
    if (candidate !== undefined) await connections.get(from)?.addIceCandidate(candidate)
  })
  return () => {
    leave()
    for (const pc of connections.values()) pc.close()
  }
}

function simplePeer(ports, room, id, _ids, { open, heard }) {
  const peers = new Map()
  const peerFor = (other, initiator, send) => {
    const peer = new SimplePeer({ initiator, trickle: true, config: {} })
    peer.on('signal', (signal) => send({ to: other, signal }))
    peer.on('connect', () => open((text) => peer.send(text)))
    peer.on('data', (data) => heard(new TextDecoder().decode(data)))
    peer.on('error', () => {})
    peers.set(other, peer)
    return peer
  }
  const leave = naiveRoom(ports, room, id, ({ peers: others = [], from, signal }, send) => {
    for (const other of others) peerFor(other, true, send)
    if (signal !== undefined) (peers.get(from) ?? peerFor(from, false, send)).signal(signal)
  })
  return () => {
    leave()
    for (const peer of peers.values()) peer.destroy()
  }
}

function peerJs(ports, _room, id, ids, { open, heard }) {
  const peer = new PeerJs(id, { host: '127.0.0.1', port: ports.peerjs, path: '/', config: {} })
  const use = (connection) => {
    connection.on('open', () => open((text) => connection.send(text)))
    connection.on('data', heard)
  }
  peer.on('connection', use)
  peer.on('open', () => {
    for (const other of ids) use(peer.connect(other))
  })
  return () => peer.destroy()
}

/** Over a broker; its connection to that outlives a room, and those to its peers would too. */
function trystero(ports, room, _id, _ids, { open, heard }) {
  const relayConfig = { urls: [`ws://127.0.0.1:${ports.broker}`] }
  const config = { appId: 'bench', relayConfig, rtcConfig: { iceServers: [] }, _test_only_sharedPeerIdleMs: 1 }
  const joined = joinTrystero(config, room)
  const words = joined.makeAction('words')
  words.onMessage = heard
  joined.onPeerJoin = (target) => open((text) => void words.send(text, { target }))
  return () => joined.leave()
}

const contenders = {
  floor,
  'Patchbay, WebSocket': patchbay((ports) => dialWebSocket({ url: `ws://127.0.0.1:${ports.patchbay}/ws` })),
  'Patchbay, long-poll': patchbay((ports) => dialLongPoll({ url: `http://127.0.0.1:${ports.patchbay}/poll` })),
  ...(dialMqtt && {
    'Patchbay, MQTT over WebSocket': patchbay((ports) => dialMqtt(`ws://127.0.0.1:${ports.patchbay}/mqtt`)),
  }),
  PeerJS: peerJs,
  'simple-peer': simplePeer,
  'trystero, MQTT': trystero,
}

/** Longer than any join takes: after that it has failed. */
const PATIENCE_MS = 10_000

let leave = () => {}

window.bench = {
  names: Object.keys(contenders),
  /** Waits in a room; answers everyone who says something. */
  wait(name, ports, room, id, ids) {
    const says = []
    const greetings = []
    leave = contenders[name](ports, room, id, ids, {
      open(say) {
        says.push(say)
        for (const greeting of greetings) say(greeting)
      },
      heard(text) {
        if (!text.startsWith('hello')) return
        greetings.push(`welcome ${text}`)
        for (const say of says) say(`welcome ${text}`)
      },
    })
    return new Promise((resolve) => setTimeout(resolve, 300))
  },
  /** @returns milliseconds from joining until words went both ways with everyone who is there; `undefined` when they did not. */
  join(name, ports, room, id, ids) {
    const from = performance.now()
    return new Promise((resolve) => {
      let answers = 0
      setTimeout(resolve, PATIENCE_MS)
      leave = contenders[name](ports, room, id, ids, {
        open: (say) => say(`hello ${id}`),
        heard(text) {
          if (text !== `welcome hello ${id}`) return
          answers += 1
          if (answers >= ids.length) resolve(performance.now() - from)
        },
      })
    })
  },
  leave() {
    leave()
    leave = () => {}
  },
}
