import type { LocalDevicesState, LocalMedia, PeerView } from '@patchbay/core/mesh'
import { expect, test } from 'vitest'
import { sceneOf } from '../src/lib/recording/scene'

const track = (id: string) => ({ id }) as MediaStreamTrack
const streamOf = (video: string, audio: string) =>
  ({ getVideoTracks: () => [track(video)], getAudioTracks: () => [track(audio)] }) as unknown as MediaStream
const peer = (id: string, media: object) =>
  ({
    info: { id, name: id.toUpperCase() },
    media: { camera: 'off', screen: 'off', microphone: 'on', ...media },
    stream: streamOf(`${id}’s face`, `${id}’s voice`),
    screenStream: media && 'screen' in media ? streamOf(`${id}’s screen`, `${id}’s film`) : undefined,
  }) as unknown as PeerView
const sent = new Map([['microphone', track('own voice')]]) as unknown as LocalMedia['tracks']
const local = { screen: { status: 'off' } } as LocalDevicesState
const look = {
  name: 'Ada',
  self: 'ada',
  peers: [peer('bob', { camera: 'on' }), peer('cyd', { screen: 'on' })],
  local,
  prefersSound: false,
  sent,
}
const shown = (pictures: ReturnType<typeof sceneOf>['featured']) =>
  pictures.map(({ name, track: its }) => [name, its?.id])

test('a recording shows what is on the stage, large and small as there, and has all voices', () => {
  const { featured, strip, voices } = sceneOf({
    ...look,
    plan: { featured: ['screen of cyd'], strip: ['bob', 'gone'] },
  })
  expect(shown(featured)).toEqual([['CYD', 'cyd’s screen']])
  expect(shown(strip)).toEqual([['BOB', 'bob’s face']])
  expect(voices.map(({ id }) => id)).toEqual(['bob’s voice', 'cyd’s voice', 'cyd’s film', 'own voice'])
})

test('a recording has nothing of a microphone that its owner says is off or muted', () => {
  const peers = [peer('bob', { microphone: 'muted' }), peer('cyd', { microphone: 'off', screen: 'on' })]
  const { voices } = sceneOf({ ...look, peers, plan: undefined })
  expect(voices.map(({ id }) => id)).toEqual(['cyd’s film', 'own voice'])
})

test('whoever rather has sound than pictures records initials, as on the stage, but screens', () => {
  const { featured } = sceneOf({
    ...look,
    prefersSound: true,
    plan: { featured: ['screen of cyd', 'bob'], strip: [] },
  })
  expect(shown(featured)).toEqual([
    ['CYD', 'cyd’s screen'],
    ['BOB', undefined],
  ])
})

test('without a stage everyone is in the picture, by their initial if need be', () => {
  const { featured, strip } = sceneOf({ ...look, plan: undefined })
  expect(shown(featured)).toEqual([
    ['BOB', 'bob’s face'],
    ['CYD', undefined],
    ['Ada', undefined],
  ])
  expect(strip).toEqual([])
})
