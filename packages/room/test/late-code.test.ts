import type { LinkPort } from '@patchbay/core/mesh'
import { createStore } from '@patchbay/core/store'
import { encode, fullCapabilities, type PeerId } from '@patchbay/protocol'
import { expect, test, vi } from 'vitest'
import { browserFileStore } from '../src/browser-file-store.ts'
import { RoomFiles } from '../src/room-files.ts'

const cannotBeFetched = () => Promise.reject(new TypeError('Failed to fetch'))

test('the store of received files needs no further code once it is there', async () => {
  vi.doMock('@patchbay/core/files', cannotBeFetched)
  const request = { self: undefined, peer: 'ada' as PeerId, id: 'x', size: 3, name: 'a', mime: '' }
  expect((await browserFileStore().open(request)).size).toBe(0)
  vi.doUnmock('@patchbay/core/files')
})

test('an offer that came while the code could not be fetched is shown once it can be', async () => {
  vi.doMock('../src/room-share.ts', cannotBeFetched)
  const files = new RoomFiles({
    self: () => undefined,
    store: browserFileStore(),
    peers: () => createStore([]),
    membership: () => createStore({ status: 'joining' as const }),
  })
  const channel = Object.assign(new EventTarget(), { binaryType: '', readyState: 'open', send: () => {} })
  const port = {
    peer: { id: 'peer' as PeerId, capabilities: fullCapabilities },
    connection: { createDataChannel: () => channel },
  } as unknown as LinkPort
  const link = files.attach(port)
  const offer = { type: 'offer', id: 'A'.repeat(22), stream: 1, name: 'x.txt', size: 3, mime: '' } as const
  channel.dispatchEvent(new MessageEvent('message', { data: encode(offer) }))
  await expect(files.offer(new File(['x'], 'x.txt'))).rejects.toThrow('mocking a module')
  vi.doUnmock('../src/room-share.ts')
  for (let beats = 0; beats < 5; beats += 1) link.beat?.()
  await expect.poll(() => files.getSnapshot()).toMatchObject([{ name: 'x.txt', state: { phase: 'offered' } }])
  link.closed?.()
})
