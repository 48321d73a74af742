// @vitest-environment node
import type { ReactNode } from 'react'
import { renderToString } from 'react-dom/server'
import { expect, test } from 'vitest'
import * as api from '../src/index.ts'

/** Calls every hook that the package has. */
function All(): ReactNode {
  const media = api.useLocalMedia()
  const values = [
    api.useSignaling().status,
    api.useRoom().status,
    api.usePeers().length,
    api.useChat().entries.length,
    api.useConversation().state.entries.length,
    api.useFiles().transfers.length,
    api.useHands().raised.length,
    api.useRecordings().raised.length,
    api.useIceServers().length,
    api.useSpeakers().size,
    api.useStatistics().size,
    api.usePictures().sent.size,
    api.useModeration().state.isHost,
    api.useAudioPlayback().isBlocked,
    api.useDeviceSelect('camera').source.status,
    api.useLineChoice(),
    api.useChannel('applause'),
    api.useLocalDevices(undefined),
    api.usePeerStatistics('nobody' as never),
    api.useRoomConnection(),
    media,
  ]
  return (
    <>
      <p>{values.map(String).join(' ')}</p>
      <api.StreamVideo stream={undefined} />
    </>
  )
}

test('every hook renders on a server, where there is no window and no room', () => {
  expect('window' in globalThis).toBe(false)
  const options = { server: 'https://chat.example', room: 'friday', name: 'Ada' }
  const html = renderToString(
    <api.RoomProvider options={options}>
      <All />
    </api.RoomProvider>,
  )
  expect(html).toContain('connecting joining 0 0 0 0 0 0 0 0 0 0 false false off undefined')
  const hooks = Object.keys(api).filter((name) => name.startsWith('use'))
  expect(hooks.filter((name) => !All.toString().includes(name))).toEqual([])
})
