import { Hub } from '@patchbay/core/hub'
import type { Feature, LocalDevices } from '@patchbay/core/mesh'
import { dialMemory, MemoryAddress } from '@patchbay/transport-memory/client'
import { listenMemory } from '@patchbay/transport-memory/server'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { joinRoom, type JoinOptions } from '../src/index.ts'
import { nodeDataChannel } from '../src/node-datachannel.ts'

const hub = new Hub()
const address = new MemoryAddress()
hub.serve(listenMemory(address))

/** Devices of which it is known by which sinks they were disposed of. */
function createDevices() {
  const disposedBy: unknown[] = []
  const off = { status: 'off' }
  const devices = {
    connect: async () => {},
    dispose: (sink: unknown) => void disposedBy.push(sink),
    getSnapshot: () => ({ camera: off, microphone: off, screen: off }),
  } as unknown as LocalDevices
  return { devices: () => devices, disposedBy }
}

const join = (name: string, options: Partial<JoinOptions> = {}) =>
  joinRoom({
    lines: [dialMemory(address)],
    room: 'friday',
    name,
    rtc: nodeDataChannel,
    devices: createDevices().devices,
    ...options,
  })

/** What was reported as an uncaught error. */
const reported: unknown[] = []

beforeEach(() => {
  const later = queueMicrotask
  vi.stubGlobal('queueMicrotask', (task: () => void) =>
    later(() => {
      try {
        task()
      } catch (error) {
        reported.push(error)
      }
    }),
  )
  // The platform of these tests has no media: as far as devices are asked for.
  vi.stubGlobal('MediaStream', Object)
})

afterEach(async () => {
  vi.unstubAllGlobals()
  reported.length = 0
  await expect.poll(() => hub.stats()).toEqual({ sessions: 0, rooms: 0 })
})

describe('leave', () => {
  test('releases everything, and reports the error, when what undoes the processing of media throws', async () => {
    const { devices, disposedBy } = createDevices()
    const error = new Error('this node is not connected')
    const undo = () => {
      throw error
    }
    const ada = join('Ada', { devices, processMedia: () => undo })
    await expect.poll(() => ada.membership.getSnapshot().status).toBe('joined')
    expect(ada.leave).not.toThrow()
    expect([ada.line.getSnapshot().status, ada.membership.getSnapshot().status]).toEqual(['closed', 'left'])
    expect(disposedBy).toEqual([ada.outgoing])
    await expect.poll(() => reported).toEqual([error])
  })

  test('closes every connection and the line, and reports the error, when a feature throws as its link ends', async () => {
    const error = new Error('of a feature')
    const closed: string[] = []
    const throwing: Feature<never> = {
      name: 'throws',
      handles: [],
      attach: () => ({
        closed: () => {
          throw error
        },
      }),
    }
    const other: Feature<never> = { name: 'other', handles: [], attach: () => ({ closed: () => closed.push('other') }) }
    const [ada, bob] = [join('Ada', { features: [throwing, other] }), join('Bob')]
    await expect.poll(() => ada.peers.getSnapshot()[0]?.link.phase, { timeout: 10_000 }).toBe('connected')
    const id = bob.client.self
    const connection = id && ada.mesh.connectionTo(id)
    expect(ada.leave).not.toThrow()
    expect([ada.line.getSnapshot().status, closed]).toEqual(['closed', ['other']])
    await expect.poll(() => connection?.signalingState).toBe('closed')
    await expect.poll(() => reported).toEqual([error])
    bob.leave()
  })
})

describe('joinRoom', () => {
  test('refuses a processMedia that is an async function, and leaves nobody behind', () => {
    const processMedia = async () => () => {}
    expect(() => join('Ada', { processMedia: processMedia as never })).toThrow(
      '`processMedia` must be a function that returns a function',
    )
  })

  test('leaves nobody behind where neither the devices can be made nor the processing of media be undone', async () => {
    const failing = (message: string) => () => {
      throw new Error(message)
    }
    const options = { processMedia: () => failing('not undone'), devices: failing('no devices') }
    expect(() => join('Ada', options)).toThrow('no devices')
    await expect.poll(() => reported).toMatchObject([{ message: 'not undone' }])
  })

  test('takes a processMedia that returns nothing to undo', () => {
    join('Ada', { processMedia: () => undefined as never }).leave()
    expect(reported).toEqual([])
  })
})
