// @vitest-environment happy-dom
import { Hub } from '@patchbay/core/hub'
import type { PeerId } from '@patchbay/protocol'
import { nodeDataChannel } from '@patchbay/room/node-datachannel'
import { dialMemory, MemoryAddress } from '@patchbay/transport-memory/client'
import { listenMemory } from '@patchbay/transport-memory/server'
import { act, cleanup, fireEvent, render, screen } from '@testing-library/react'
import { type ReactNode, StrictMode } from 'react'
import { renderToString } from 'react-dom/server'
import { afterEach, describe, expect, test } from 'vitest'
import { RoomProvider, StreamVideo, useChat, usePeers, useRoom, useRoomConnection, useSignaling } from '../src/index.ts'

/** A hub on a memory address, and its events. */
function createServer() {
  const address = new MemoryAddress()
  const events: string[] = []
  const hub = new Hub({
    peerIdOf: (secret) => secret.slice(0, 22) as PeerId,
    onEvent: ({ type }) => events.push(type),
  })
  hub.serve(listenMemory(address))
  return { address, hub, events }
}

function Probe(): ReactNode {
  const signaling = useSignaling()
  const room = useRoom()
  const peers = usePeers()
  const { entries, send } = useChat()
  const leave = useRoomConnection()?.leave
  return (
    <div>
      <p data-testid="state">{`${signaling.status} ${room.status} ${peers.length}`}</p>
      <button type="button" onClick={() => send('hello')}>
        say
      </button>
      <button type="button" onClick={() => leave?.()}>
        leave
      </button>
      <ol>{entries.map((entry) => entry.kind === 'message' && <li key={entry.key}>{entry.text}</li>)}</ol>
    </div>
  )
}

function Page({ address }: { readonly address: MemoryAddress }): ReactNode {
  const options = {
    lines: [dialMemory(address)],
    room: 'room',
    name: 'Ada',
    rtc: nodeDataChannel,
  }
  return (
    <RoomProvider options={options}>
      <Probe />
    </RoomProvider>
  )
}

const state = () => screen.getByTestId('state').textContent

afterEach(cleanup)

describe('StreamVideo', () => {
  test('tells the ratio, and the handlers it was given are called as well', () => {
    const heard: unknown[] = []
    const { container } = render(
      <StreamVideo
        stream={undefined}
        onRatio={(ratio) => heard.push(ratio)}
        onLoadedMetadata={({ type }) => heard.push(type)}
        onResize={({ type }) => heard.push(type)}
      />,
    )
    const video = container.querySelector('video') as HTMLVideoElement
    Object.defineProperties(video, { videoWidth: { value: 640 }, videoHeight: { value: 480 } })
    fireEvent.loadedMetadata(video)
    fireEvent(video, new Event('resize'))
    expect(heard).toEqual([4 / 3, 'loadedmetadata', 4 / 3, 'resize'])
  })

  test('plays again when a browser that pauses it with its floating window has closed that window', () => {
    const { container } = render(<StreamVideo stream={new MediaStream()} />)
    const video = container.querySelector('video') as HTMLVideoElement
    video.pause()
    expect(video.paused).toBe(true)
    fireEvent(video, new Event('leavepictureinpicture'))
    expect(video.paused).toBe(false)
  })
})

describe('RoomProvider', () => {
  test('joins the room on mount, once even in StrictMode, and shows its state', async () => {
    const { address, hub, events } = createServer()
    render(
      <StrictMode>
        <Page address={address} />
      </StrictMode>,
    )
    expect(state()).toBe('connecting joining 0')
    await expect.poll(state).toBe('online joined 0')
    expect(events).toEqual(['session_opened'])
    expect(hub.stats()).toEqual({ sessions: 1, rooms: 1 })
    screen.getByRole('button', { name: 'say' }).click()
    await expect.poll(() => screen.queryByText('hello')).not.toBeNull()
  })

  test('leaves nothing open after unmounting', async () => {
    const { address, hub, events } = createServer()
    const page = render(<Page address={address} />)
    await expect.poll(state).toBe('online joined 0')
    page.unmount()
    await expect.poll(() => hub.stats()).toEqual({ sessions: 0, rooms: 0 })
    expect(address.lines).toHaveLength(0)
    expect(events).toEqual(['session_opened', 'session_ended'])
  })

  test('joins anew when the browser shows the page again as it was left', async () => {
    const { address, hub, events } = createServer()
    render(<Page address={address} />)
    await expect.poll(state).toBe('online joined 0')
    window.dispatchEvent(Object.assign(new Event('pagehide'), { persisted: true }))
    await expect.poll(() => hub.stats().sessions).toBe(0)
    window.dispatchEvent(Object.assign(new Event('pageshow'), { persisted: false }))
    window.dispatchEvent(Object.assign(new Event('pageshow'), { persisted: true }))
    await expect.poll(state).toBe('online joined 0')
    expect(hub.stats()).toEqual({ sessions: 1, rooms: 1 })
    expect(events).toEqual(['session_opened', 'session_ended', 'session_opened'])
    // Whoever has left by a button does not come back by a navigation.
    fireEvent.click(screen.getByRole('button', { name: 'leave' }))
    await expect.poll(state).toBe('closed left 0')
    await expect.poll(() => hub.stats().sessions).toBe(0)
    act(() => {
      window.dispatchEvent(Object.assign(new Event('pagehide'), { persisted: true }))
      window.dispatchEvent(Object.assign(new Event('pageshow'), { persisted: true }))
    })
    expect(state()).toBe('closed left 0')
  })

  test('opens nothing when unmounted at once', async () => {
    const { address, events } = createServer()
    render(<Page address={address} />).unmount()
    const later = render(<Page address={address} />)
    await expect.poll(state).toBe('online joined 0')
    later.unmount()
    expect(events.filter((type) => type === 'session_opened')).toHaveLength(1)
  })

  test('renders on a server, and opens nothing there', () => {
    const { address, events } = createServer()
    expect(renderToString(<Page address={address} />)).toContain('connecting joining 0')
    expect(events).toEqual([])
    expect(address.lines).toHaveLength(0)
  })
})
