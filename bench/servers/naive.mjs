// A plain room server: parse, look up, stamp the sender, stringify, send. No limits, no replay, no heartbeat.
import { WebSocketServer } from 'ws'

const rooms = new Map()
const server = new WebSocketServer({ port: Number(process.env.PORT), host: '127.0.0.1', perMessageDeflate: false })

server.on('connection', (socket) => {
  let room
  let id
  const tell = (message) => {
    for (const [other, peer] of room) if (other !== id) peer.send(JSON.stringify(message))
  }
  socket.on('message', (data) => {
    const message = JSON.parse(data.toString())
    if (message.type === 'join') {
      id = message.id
      room = rooms.get(message.room) ?? new Map()
      rooms.set(message.room, room)
      socket.send(JSON.stringify({ type: 'peers', peers: [...room.keys()] }))
      tell({ type: 'new_peer', id })
      room.set(id, socket)
      return
    }
    const { to, ...rest } = message
    room?.get(to)?.send(JSON.stringify({ ...rest, from: id }))
  })
  socket.on('close', () => {
    if (room?.delete(id)) tell({ type: 'remove_peer', id })
  })
})
