import { createServer } from 'node:http'
import { createAdapter as createPubSubAdapter } from '@socket.io/redis-adapter'
import { createAdapter as createStreamsAdapter } from '@socket.io/redis-streams-adapter'
import { Redis } from 'ioredis'
import { Server } from 'socket.io'

const redis = new Redis(process.env.REDIS_URL)
const adapter =
  process.env.ADAPTER === 'streams'
    ? createStreamsAdapter(redis)
    : createPubSubAdapter(redis, redis.duplicate(), { key: 'pubsub' })
const http = createServer()
const io = new Server(http, { transports: ['websocket'], perMessageDeflate: false, adapter })

io.on('connection', (socket) => {
  let room
  socket.on('join', async (name, answer) => {
    room = name
    const peers = await io.in(name).fetchSockets()
    await socket.join(name)
    answer(peers.map((peer) => peer.id))
    socket.to(name).emit('new_peer', { id: socket.id })
  })
  // Whoever is on another node cannot be looked up without asking every node.
  socket.on('signal', ({ to, ...rest }) => io.to(to).emit('signal', { ...rest, from: socket.id }))
  socket.on('disconnect', () => {
    if (room !== undefined) io.to(room).emit('remove_peer', { id: socket.id })
  })
})
http.listen(Number(process.env.PORT), '127.0.0.1')
