import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { PacketReader } from '../../src/packet-reader.ts'

const kinds = new Map([
  [0x10, 'connect'],
  [0x30, 'publish'],
  [0x82, 'subscribe'],
] as const)

/** A packet of a client, and how many connections there were before its own. */
export interface StubPacket {
  readonly kind: 'connect' | 'publish' | 'subscribe'
  readonly packet: Buffer
  readonly connection: number
}

/** CONNACK with a return code (MQTT 3.1.1 §3.2). */
export const connAck = (code: number): Buffer => Buffer.from([0x20, 2, 0, code])

/** SUBACK that grants each of the topics, QoS 0, or denies it with 0x80 (§3.9). */
export function subAck(subscribe: Buffer, topics: number, code = 0): Buffer {
  // The packet's id follows its length, of which the last byte is below 0x80 (§2.2.3).
  const at = subscribe.findIndex((byte, i) => i > 0 && byte < 0x80) + 1
  return Buffer.from([0x90, 2 + topics, ...subscribe.subarray(at, at + 2), ...Buffer.alloc(topics, code)])
}

/** Starts a broker on loopback that answers nothing but what `answer` writes. */
export async function startStubBroker(answer: (packet: StubPacket, socket: Socket) => void) {
  const sockets = new Set<Socket>()
  let connections = 0
  const tcp = createServer((socket) => {
    const connection = connections++
    const reader = new PacketReader()
    sockets.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => sockets.delete(socket))
    socket.on('data', (chunk: Buffer) =>
      reader.read(chunk, (packet) => {
        const kind = kinds.get(packet[0] as 0x10)
        if (kind !== undefined) answer({ kind, packet, connection }, socket)
      }),
    )
  }).listen(0, '127.0.0.1')
  await once(tcp, 'listening')
  return {
    url: `mqtt://127.0.0.1:${(tcp.address() as AddressInfo).port}`,
    open: () => sockets.size,
    async stop() {
      for (const socket of sockets) socket.destroy()
      tcp.close()
      await once(tcp, 'close')
    },
  }
}
