import { createServer } from 'node:http'
import { Server } from 'socket.io'

const http = createServer()
const io = new Server(http, { transports: ['websocket'], perMessageDeflate: false })

io.on('connection', (socket) => {
  let room
  socket.on('join', async (name, answer) => {
    room = name
    const peers = await io.in(name).fetchSockets()
    await socket.join(name)
    answer(peers.map((peer) => peer.id))
    socket.to(name).emit('new_peer', { id: socket.id })
  })
  socket.on('signal', ({ to, ...rest }) => {
    if (io.sockets.adapter.rooms.get(room)?.has(to)) io.to(to).emit('signal', { ...rest, from: socket.id })
  })
  socket.on('disconnect', () => {
    if (room !== undefined) io.to(room).emit('remove_peer', { id: socket.id })
  })
})
http.listen(Number(process.env.PORT), '127.0.0.1')
