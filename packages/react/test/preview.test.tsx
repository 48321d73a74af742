// @vitest-environment happy-dom
import { Hub } from '@patchbay/core/hub'
import { LocalDevices } from '@patchbay/core/mesh'
import { nodeDataChannel } from '@patchbay/room/node-datachannel'
import { dialMemory, MemoryAddress } from '@patchbay/transport-memory/client'
import { listenMemory } from '@patchbay/transport-memory/server'
import { cleanup, fireEvent, render, screen } from '@testing-library/react'
import { type ReactNode, StrictMode, useEffect, useRef, useState } from 'react'
import { afterEach, expect, test, vi } from 'vitest'
import { RoomProvider, useLocalDevices, useLocalMedia } from '../src/index.ts'

const tracks: FakeTrack[] = []

class FakeTrack extends EventTarget {
  readonly kind = 'video'
  isLive = true

  constructor() {
    super()
    tracks.push(this)
  }

  stop(): void {
    this.isLive = false
  }

  getSettings(): object {
    return { deviceId: 'front' }
  }
}

class FakeStream extends EventTarget {
  readonly #tracks = new Set<FakeTrack>()

  addTrack(track: FakeTrack): void {
    this.#tracks.add(track)
  }

  removeTrack(track: FakeTrack): void {
    this.#tracks.delete(track)
  }

  getTracks(): FakeTrack[] {
    return [...this.#tracks]
  }
}

const platform = Object.assign(new EventTarget(), {
  enumerateDevices: async () => [],
  getUserMedia: async () => {
    const stream = new FakeStream()
    stream.addTrack(new FakeTrack())
    return stream
  },
}) as unknown as MediaDevices

const address = new MemoryAddress()
const hub = new Hub()
hub.serve(listenMemory(address))

/** The lobby of the README. */
function Lobby({ onJoin }: { readonly onJoin: (devices: LocalDevices) => void }): ReactNode {
  const [devices, setDevices] = useState<LocalDevices>()
  const isHandedOver = useRef(false)
  useEffect(() => {
    const made = new LocalDevices(platform)
    setDevices(made)
    return () => {
      if (!isHandedOver.current) made.dispose()
    }
  }, [])
  const media = useLocalDevices(devices)
  if (media === undefined) return null
  const join = () => {
    isHandedOver.current = true
    onJoin(media.devices)
  }
  return (
    <>
      <p>camera in the lobby: {media.state.camera.status}</p>
      <button type="button" onClick={() => void media.devices.turnOn('camera')}>
        camera
      </button>
      <button type="button" onClick={join}>
        join
      </button>
    </>
  )
}

function Inside(): ReactNode {
  return <p>camera in the room: {useLocalMedia()?.state.camera.status}</p>
}

function Visit(): ReactNode {
  const [devices, setDevices] = useState<LocalDevices>()
  if (devices === undefined) return <Lobby onJoin={setDevices} />
  const lines = [dialMemory(address)]
  return (
    <RoomProvider options={{ lines, room: 'friday', name: 'Ada', rtc: nodeDataChannel, devices: () => devices }}>
      <Inside />
    </RoomProvider>
  )
}

afterEach(() => {
  cleanup()
  vi.unstubAllGlobals()
})

test('a camera of a preview in StrictMode goes on in the room, and is off once that is left', async () => {
  vi.stubGlobal('MediaStream', FakeStream)
  const { unmount } = render(<Visit />, { wrapper: StrictMode })
  const press = async (name: string) => fireEvent.click(await screen.findByRole('button', { name }))
  await press('camera')
  await screen.findByText('camera in the lobby: on')
  await press('join')
  await screen.findByText('camera in the room: on')
  expect(tracks.map(({ isLive }) => isLive)).toEqual([true])
  unmount()
  expect(tracks.map(({ isLive }) => isLive)).toEqual([false])
  await expect.poll(() => hub.stats().sessions).toBe(0)
})

test('a camera of a preview is off when nobody joins', async () => {
  vi.stubGlobal('MediaStream', FakeStream)
  const { unmount } = render(<Lobby onJoin={() => {}} />, { wrapper: StrictMode })
  fireEvent.click(await screen.findByRole('button', { name: 'camera' }))
  await screen.findByText('camera in the lobby: on')
  unmount()
  expect(tracks.at(-1)?.isLive).toBe(false)
})
