import { Hub } from '@patchbay/core/hub'
import { MemoryStore } from '@patchbay/core/files'
import type { LinkPort, PeerView } from '@patchbay/core/mesh'
import { createStore } from '@patchbay/core/store'
import type { PeerId } from '@patchbay/protocol'
import { dialMemory, MemoryAddress } from '@patchbay/transport-memory/client'
import { listenMemory } from '@patchbay/transport-memory/server'
import { expect, test, vi } from 'vitest'
import { joinRoom } from '../src/index.ts'
import { nodeDataChannel } from '../src/node-datachannel.ts'
import { RoomFiles } from '../src/room-files.ts'
import { RoomShare } from '../src/room-share.ts'

const rtc = { ...nodeDataChannel, capabilities: { ...nodeDataChannel.capabilities, files: true } }
const bytes = new TextEncoder().encode('three hundred kilobytes would do as well')
const file = new File([bytes], 'note.txt', { lastModified: 1 })

test('a file that is offered as soon as someone is there arrives whole, though the code comes later', async () => {
  const hub = new Hub()
  const address = new MemoryAddress()
  hub.serve(listenMemory(address))
  const [ada, bob] = ['Ada', 'Bob'].map((name) =>
    joinRoom({
      lines: [dialMemory(address)],
      room: 'friday',
      name,
      rtc,
      fileStore: new MemoryStore(1_000_000),
    }),
  )
  if (ada === undefined || bob === undefined) throw new Error('unreachable')
  await expect.poll(() => ada.peers.getSnapshot()).toHaveLength(1)
  await ada.files.offer(file)
  const phases = () => bob.files.getSnapshot().map(({ state, name }) => `${name} ${state.phase}`)
  await expect.poll(phases, { timeout: 10_000 }).toEqual(['note.txt offered'])
  for (const transfer of bob.files.getSnapshot()) bob.files.accept(transfer)
  await expect.poll(phases, { timeout: 10_000 }).toEqual(['note.txt done'])
  const [{ state } = {}] = bob.files.getSnapshot()
  if (state?.phase !== 'done' || state.file === undefined) throw new Error('no file')
  expect(new Uint8Array(await state.file.arrayBuffer())).toEqual(bytes)
  for (const room of [ada, bob]) room.leave()
})

test('what arrives before the code is kept, and whoever sends too much of it is cut', async () => {
  const channel = Object.assign(new EventTarget(), { binaryType: '', readyState: 'open' })
  let cuts = 0
  const port = {
    peer: { id: 'peer' as PeerId, capabilities: rtc.capabilities },
    connection: { createDataChannel: () => channel },
    cut: () => (cuts += 1),
  } as unknown as LinkPort
  const files = new RoomFiles({
    self: () => undefined,
    peers: () => createStore([]),
    membership: () => createStore({ status: 'joining' as const }),
  })
  const link = files.attach(port)
  for (let n = 0; n < 256; n += 1) channel.dispatchEvent(new MessageEvent('message', { data: 'x' }))
  expect(cuts).toBe(0)
  channel.dispatchEvent(new MessageEvent('message', { data: 'x' }))
  expect(cuts).toBe(1)
  link.closed?.()
  const heavy = files.attach(port)
  channel.dispatchEvent(new MessageEvent('message', { data: new ArrayBuffer(262_145) }))
  expect(cuts).toBe(2)
  heavy.closed?.()
})

test('who is refused when the server has been restarted offers a file to those who are still connected, if there are any', async () => {
  const bob = { info: { id: 'bob' }, link: { phase: 'connected' } } as PeerView
  const shareWith = (...views: PeerView[]) => {
    const share = new RoomShare({
      self: () => undefined,
      peers: () => createStore<readonly PeerView[]>(views),
      membership: () => createStore({ status: 'refused' as const, code: 'room_full' as const }),
    })
    return { share, offer: vi.spyOn(share, 'offer').mockImplementation(() => undefined) }
  }
  const { share, offer } = shareWith(bob)
  await share.offerInside(file)
  expect(offer).toHaveBeenCalledWith(file, ['bob'])
  await expect(shareWith().share.offerInside(file)).rejects.toMatchObject({ name: 'OutsideRoomError' })
})
