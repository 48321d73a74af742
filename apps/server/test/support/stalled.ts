import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

/** A socket that sends `text` and then nothing. */
export async function stalled(port: number, text: string): Promise<Socket> {
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => {})
  socket.resume()
  await once(socket, 'connect')
  socket.write(text)
  return socket
}

export const isGone = (socket: Socket): boolean => socket.destroyed
