// @vitest-environment happy-dom
import type { PeerView } from '@patchbay/core/mesh'
import { createStore, type WritableStore } from '@patchbay/core/store'
import { InvalidFieldError, joinRoom, type Room } from '@patchbay/room'
import { act, cleanup, render, renderHook, screen } from '@testing-library/react'
import { Component, type ReactNode } from 'react'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import {
  RoomProvider,
  StreamAudio,
  useChannel,
  useDeviceSelect,
  useRoomConnection,
  useSpeakers,
  useStatistics,
} from '../src/index.ts'

vi.mock(import('@patchbay/room'), async (original) => ({ ...(await original()), joinRoom: vi.fn<typeof joinRoom>() }))

const options = { room: 'friday', name: 'Ada' }
const Provider = ({ children }: { readonly children: ReactNode }) => (
  <RoomProvider options={options}>{children}</RoomProvider>
)

/** A room with one member, over this connection. */
function createRoom(connection: object, member: object = {}): Room {
  const view = { info: { id: 'bob' }, media: { microphone: 'on' }, ...member } as unknown as PeerView
  const mesh = { ...createStore([view]), connectionTo: () => connection, channel: vi.fn<Room['channel']>() }
  return {
    mesh,
    line: createStore({ status: 'online' }),
    leave: () => {},
  } as unknown as Room
}

const joining = vi.mocked(joinRoom)
beforeEach(() => joining.mockReset())
afterEach(cleanup)

describe('useSpeakers', () => {
  /** A receiver of a track that gets louder sound all the time. */
  const receiving = (track: object) => {
    let seconds = 0
    const getStats = async () => {
      seconds += 1
      return new Map([['x', { type: 'inbound-rtp', totalAudioEnergy: seconds, totalSamplesDuration: seconds }]])
    }
    return { track, getStats }
  }

  test.each([
    ['is speaking whose microphone is heard', true],
    ['is not speaking who shares a screen with sound and is silent', false],
  ])('somebody %s', async (_, isLoud) => {
    const [microphone, sound] = [{ kind: 'audio' }, { kind: 'audio' }]
    const silent = { track: microphone, getStats: async () => new Map() }
    const receivers = [isLoud ? receiving(microphone) : silent, receiving(sound)]
    const getReceivers = vi.fn<() => object[]>(() => receivers)
    joining.mockReturnValue(createRoom({ getReceivers }, { stream: { getAudioTracks: () => [microphone] } }))
    const { result } = renderHook(useSpeakers, { wrapper: Provider })
    if (isLoud) await expect.poll(() => [...result.current]).toEqual(['bob'])
    // By the third time two readings of all tracks have been compared.
    await expect.poll(() => getReceivers.mock.calls.length).toBeGreaterThan(3)
    expect([...result.current]).toEqual(isLoud ? ['bob'] : [])
  })

  test('somebody who has left is not speaking, however short a time ago they were heard', async () => {
    const microphone = { kind: 'audio' }
    const stream = { getAudioTracks: () => [microphone] }
    const receivers = [receiving(microphone)]
    const room = createRoom({ getReceivers: () => receivers }, { stream })
    joining.mockReturnValue(room)
    const { result } = renderHook(useSpeakers, { wrapper: Provider })
    await expect.poll(() => [...result.current]).toEqual(['bob'])
    vi.spyOn(performance, 'now').mockReturnValue(performance.now())
    const store = room.mesh as unknown as WritableStore<readonly object[]>
    act(() => store.set([{ info: { id: 'cyd' }, media: { microphone: 'on' }, stream: undefined }]))
    await expect.poll(() => [...result.current]).toEqual([])
    vi.restoreAllMocks()
  })
})

test('the statistics of a room are gone with it', async () => {
  const never = new Promise<never>(() => {})
  joining.mockReturnValueOnce(createRoom({ getStats: async () => new Map() }))
  joining.mockReturnValueOnce(createRoom({ getStats: () => never }))
  const { result } = renderHook(() => ({ room: useRoomConnection(), statistics: useStatistics() }), {
    wrapper: Provider,
  })
  await expect.poll(() => [...result.current.statistics.keys()]).toEqual(['bob'])
  const { room } = result.current
  act(() => {
    window.dispatchEvent(Object.assign(new Event('pagehide'), { persisted: true }))
    window.dispatchEvent(Object.assign(new Event('pageshow'), { persisted: true }))
  })
  await expect.poll(() => result.current.room !== undefined && result.current.room !== room).toBe(true)
  expect(result.current.statistics.size).toBe(0)
})

test('a channel is open while its component is mounted', async () => {
  const room = createRoom({})
  const channel = { close: vi.fn<() => void>() }
  vi.mocked(room.mesh.channel).mockReturnValue(channel as never)
  joining.mockReturnValue(room)
  const { result, unmount } = renderHook(() => useChannel('applause'), { wrapper: Provider })
  expect(result.current).toBeUndefined()
  await expect.poll(() => result.current).toBe(channel)
  expect(room.mesh.channel).toHaveBeenCalledExactlyOnceWith('applause', {})
  expect(channel.close).not.toHaveBeenCalled()
  unmount()
  expect(channel.close).toHaveBeenCalledOnce()
})

test('a channel whose options are another object at each render is opened once', async () => {
  const room = createRoom({})
  const channel = { close: vi.fn<() => void>() }
  vi.mocked(room.mesh.channel).mockReturnValue(channel as never)
  joining.mockReturnValue(room)
  let renders = 0
  const { result, rerender } = renderHook(
    () => {
      // Without this, a loop of renders never ends.
      if ((renders += 1) > 50) throw new Error('renders without end')
      return useChannel('pointer', { delivery: 'latest' })
    },
    { wrapper: Provider },
  )
  await expect.poll(() => result.current).toBe(channel)
  rerender()
  expect(renders).toBeLessThan(10)
  expect(room.mesh.channel).toHaveBeenCalledExactlyOnceWith('pointer', { delivery: 'latest' })
  expect(channel.close).not.toHaveBeenCalled()
})

test('a menu of cameras shows which one is on, and turns another on', async () => {
  const turnOn = vi.fn<(source: string, id: string) => Promise<void>>(async () => {})
  const list = [
    { id: 'front', label: 'Front' },
    { id: 'back', label: 'Back' },
  ]
  const media = {
    state: {
      camera: { status: 'on', deviceId: 'front', muted: false },
      devices: { camera: list },
      unnamed: { camera: false },
    },
    devices: { turnOn },
  } as never
  const { result } = renderHook(() => useDeviceSelect('camera', media))
  expect(result.current).toMatchObject({ active: 'front', devices: list, unnamed: false })
  await result.current.select('back')
  expect(turnOn).toHaveBeenCalledExactlyOnceWith('camera', 'back')
})

describe('RoomProvider', () => {
  class Boundary extends Component<{ readonly children: ReactNode }, { readonly field?: string }> {
    static getDerivedStateFromError(error: unknown) {
      return { field: error instanceof InvalidFieldError ? error.field : 'another error' }
    }

    override state: { readonly field?: string } = {}

    override render() {
      return this.state.field ?? this.props.children
    }
  }

  test('gives what joinRoom throws to the nearest error boundary', async () => {
    // React reports it too.
    const reported = vi.spyOn(console, 'error').mockImplementation(() => {})
    joining.mockImplementationOnce(() => {
      throw new InvalidFieldError('name', 'a text')
    })
    render(
      <Boundary>
        <Provider>the room</Provider>
      </Boundary>,
    )
    expect(screen.queryByText('the room')).not.toBeNull()
    await expect.poll(() => screen.queryByText('name')).not.toBeNull()
    reported.mockRestore()
  })
})

describe('StreamAudio', () => {
  /** The output devices that are there; an element that is given another one keeps the one it has. */
  const there = new Set([''])
  const platform = new EventTarget()
  const stream = Object.assign(new EventTarget(), { getAudioTracks: () => [] }) as unknown as MediaStream
  let used = 'the one before'

  beforeEach(() => {
    vi.stubGlobal('navigator', { mediaDevices: platform })
    Object.defineProperty(HTMLAudioElement.prototype, 'setSinkId', {
      configurable: true,
      value: async (id: string) => {
        if (!there.has(id)) throw new DOMException('no', 'NotFoundError')
        used = id
      },
    })
  })

  afterEach(() => {
    vi.unstubAllGlobals()
    Reflect.deleteProperty(HTMLAudioElement.prototype, 'setSinkId')
  })

  test('goes on with the output of the system where the chosen one is gone, and with that one when it is back', async () => {
    const { unmount } = render(<StreamAudio stream={stream} speaker="headset" />)
    await vi.waitFor(() => expect(used).toBe(''))
    there.add('headset')
    platform.dispatchEvent(new Event('devicechange'))
    await vi.waitFor(() => expect(used).toBe('headset'))
    there.delete('headset')
    platform.dispatchEvent(new Event('devicechange'))
    await vi.waitFor(() => expect(used).toBe(''))
    unmount()
    there.add('headset')
    platform.dispatchEvent(new Event('devicechange'))
    expect(used).toBe('')
  })
})
