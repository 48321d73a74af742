import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { expect } from 'vitest'

/** A connection that the broker has let in with a keep-alive of 120 s, to write packets on, well-formed or not. */
export async function connectRawMqtt(port: number, id: string): Promise<Socket> {
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => {})
  await once(socket, 'connect')
  const body = Buffer.from([0, 4, ...Buffer.from('MQTT'), 4, 2, 0, 120, 0, id.length, ...Buffer.from(id)])
  socket.write(Buffer.concat([Buffer.from([0x10, body.length]), body]))
  const [answer] = (await once(socket, 'data')) as [Buffer]
  expect([...answer]).toEqual([0x20, 2, 0, 0])
  socket.resume()
  return socket
}
