import type { LocalDevicesState, LocalMedia, PeerView } from '@patchbay/core/mesh'
import type { StagePlan } from '../stage-plan'

/** One picture of the recording: a person or a screen. */
export interface ScenePicture {
  /** Key of its tile on the stage. */
  readonly key: string
  readonly name: string
  readonly seed: string
  /** What it shows; without it the person's initial stands for them. */
  readonly track: MediaStreamTrack | undefined
  readonly isScreen: boolean
}

/** What is seen and heard in the room at one moment. */
export interface Scene {
  /** The large pictures. */
  readonly featured: readonly ScenePicture[]
  /** The small ones. */
  readonly strip: readonly ScenePicture[]
  readonly voices: readonly MediaStreamTrack[]
}

/** The room as the recorder looks at it. */
export interface SceneSource {
  readonly name: string
  /** Seed of this person's color. */
  readonly self: string
  readonly peers: readonly PeerView[]
  readonly local: LocalDevicesState | undefined
  /** Whether this person asks for no cameras, so that those stand still. */
  readonly prefersSound: boolean
  /** What this person sends, by source: their voice as the others hear it. */
  readonly sent: LocalMedia['tracks']
  /** What is on the stage; `undefined` while nobody sends anything. */
  readonly plan: StagePlan | undefined
}

/** What is on the stage, arranged as there, and all that is heard. */
export function sceneOf({ name, self, peers, local, prefersSound, sent, plan }: SceneSource): Scene {
  const of = (stream: MediaStream | undefined, isOn: boolean) => (isOn ? stream?.getVideoTracks()[0] : undefined)
  const pictures: readonly ScenePicture[] = [
    ...peers.map(({ info, media, screenStream }) => ({
      key: `screen of ${info.id}`,
      name: info.name,
      seed: info.id,
      track: of(screenStream, media.screen === 'on'),
      isScreen: true,
    })),
    {
      key: 'own screen',
      name,
      seed: self,
      track: of(local?.screenStream, local?.screen.status === 'on'),
      isScreen: true,
    },
    ...peers.map(({ info, media, stream }) => ({
      key: info.id,
      name: info.name,
      seed: info.id,
      track: of(stream, media.camera === 'on' && !prefersSound),
      isScreen: false,
    })),
    { key: 'self', name, seed: self, track: sent.get('camera'), isScreen: false },
  ]
  const find = (keys: readonly string[]) => keys.flatMap((key) => pictures.find((picture) => picture.key === key) ?? [])
  const people = pictures.filter(({ isScreen }) => !isScreen)
  // Whoever says that they are muted is not heard on the page either.
  const theirs = peers.flatMap(({ media, stream, screenStream }) => [
    media.microphone === 'on' ? stream : undefined,
    screenStream,
  ])
  return {
    featured: plan === undefined ? people : find(plan.featured),
    strip: plan === undefined ? [] : find(plan.strip),
    voices: [
      ...theirs.flatMap((stream) => stream?.getAudioTracks() ?? []),
      ...[sent.get('microphone'), sent.get('screenAudio')].flatMap((track) => track ?? []),
    ],
  }
}
