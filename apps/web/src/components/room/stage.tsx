'use client'
import type { LocalDevicesState, PeerView } from '@patchbay/core/mesh'
import type { PeerId } from '@patchbay/protocol'
import { useHands, usePictures, useRoomConnection, useSignaling, useSpeakers } from '@patchbay/react'
import { useTranslations } from 'next-intl'
import { type ReactNode, useEffect, useState } from 'react'
import { captionsCode } from '@/lib/captions/captions-code'
import { showsCaptions } from '@/lib/captions/choices'
import { useCover } from '@/lib/background/background'
import { looksAtPerson } from '@/lib/camera-facing'
import { shownLine } from '@/lib/lines'
import { useReactions } from '@/lib/reactions'
import { layOutWithStrip, type Shape, shapeOfAvatar, shapeOfCamera, shapeOfScreen } from '@/lib/stage-layout'
import { pinTile, shownPlan, useStageChoice } from '@/lib/stage-choice'
import { nextSpeaker, planStage } from '@/lib/stage-plan'
import { useSize } from '@/lib/use-size'
import { useWakeLock } from '@/lib/use-wake-lock'
import { useFullScreenElement } from '@/lib/use-full-screen'
import { Tile, type TileProps } from './tile'
import { usePeerLabel } from './use-peer-label'

/** Space between tiles, in CSS pixels. */
const GAP = 8
/** Share by which a picture's ratio must change to count: a scaled picture is rounded to whole pixels. */
const SAME_RATIO = 0.02
/** Lines of a picture for each line of its tile: one that is scaled down a little looks sharper. */
const SHARPNESS = 2
const usualRatio = 16 / 9

/** What a tile shows, and its key. */
export type StageTile = Omit<TileProps, 'box' | 'captions' | 'pinned' | 'onPin' | 'onRatio' | 'onShown'> & {
  readonly key: string
}

/** All people and shared screens as tiles, as large as the space allows; the chosen one, or a screen, larger than the rest. */
export function Stage(props: {
  readonly name: string
  /** Seed of this person's own color. */
  readonly self: string
  readonly peers: readonly PeerView[]
  readonly local: LocalDevicesState
}): ReactNode {
  const t = useTranslations('Room')
  const speakers = useSpeakers()
  const tiles = useTiles(props, speakers)
  const CaptionLines = captionsCode.use(showsCaptions.use())?.CaptionLines
  const captions = CaptionLines !== undefined && <CaptionLines />
  const isBehind = useFullScreenElement() !== null
  const choice = useStageChoice()
  const [speaker, setSpeaker] = useState<string>()
  useEffect(() => setSpeaker((before) => nextSpeaker(before, speakers)), [speakers])
  useEffect(() => () => pinTile(undefined), [])
  useWakeLock()
  const [space, setElement] = useSize()
  const [ratios, setRatios] = useState<ReadonlyMap<string, number>>(new Map())
  const note = (key: string, ratio: number) =>
    setRatios((before) =>
      Math.abs(ratio / (before.get(key) ?? usualRatio) - 1) < SAME_RATIO ? before : new Map(before).set(key, ratio),
    )
  const pictures = useRoomConnection()?.pictures
  const tellShown = (peer: PeerId, isScreen: boolean, height: number) =>
    // A screen can be magnified: it is worth all its pixels.
    pictures?.show(peer, isScreen ? { screen: height > 0 ? Infinity : 0 } : { camera: SHARPNESS * height })
  const shapeOf = ({ key, screen = false, camera }: StageTile): Shape => {
    const ratio = ratios.get(key) ?? usualRatio
    return screen ? shapeOfScreen(ratio) : camera ? shapeOfCamera(ratio) : shapeOfAvatar
  }
  const plan = planStage(tiles, choice, speaker)
  const { featured, strip } = plan
  useEffect(() => shownPlan.set(plan))
  useEffect(() => () => shownPlan.set(undefined), [])
  const shapesOf = (keys: readonly string[]) => tiles.filter(({ key }) => keys.includes(key)).map(shapeOf)
  const placed = layOutWithStrip(shapesOf(featured), shapesOf(strip), space, GAP)
  const boxes = new Map([...featured, ...strip].map((key, index) => [key, placed[index]]))
  return (
    <section
      aria-label={t('stage')}
      className="h-[46dvh] shrink-0 bg-stage p-2 lg:h-auto lg:min-h-0 lg:flex-1 short:h-auto short:min-h-0 short:flex-1 short:p-1"
    >
      <div ref={setElement} data-focus-group className="relative size-full">
        {tiles.map(({ key, ...tile }) => (
          <Tile
            key={key}
            {...tile}
            box={boxes.get(key)}
            captions={captions}
            pinned={choice.pinned === key}
            onPin={(isPinned) => pinTile(isPinned ? key : undefined)}
            onRatio={(ratio) => note(key, ratio)}
            onShown={(height) => tile.peer !== undefined && tellShown(tile.peer, tile.screen === true, height)}
          />
        ))}
        {!isBehind && captions}
      </div>
    </section>
  )
}

/** What there is to show: screens, the others, and this person last. */
export function useTiles(
  { name, self, peers, local }: Parameters<typeof Stage>[0],
  speakers: ReadonlySet<string>,
): readonly StageTile[] {
  const t = useTranslations('Room')
  const labelOf = usePeerLabel()
  const signaling = useSignaling()
  const hands = useHands()
  const { prefersSound } = usePictures()
  const quality = useTranslations('Quality')
  const reactions = useReactions()
  const background = useTranslations('Background')
  const { microphone, camera, screen } = local
  const cover = useCover(local.stream)
  const screens = peers.filter(({ media }) => media.screen === 'on')
  return [
    ...screens.map(({ info, screenStream }) => ({
      key: `screen of ${info.id}`,
      screen: true,
      camera: true,
      name: t('screenOf', { name: info.name }),
      seed: info.id,
      peer: info.id,
      stream: screenStream,
    })),
    ...(screen.status === 'on'
      ? [
          {
            key: 'own screen',
            screen: true,
            self: true,
            camera: true,
            name: t('ownScreen'),
            seed: self,
            stream: local.screenStream,
          },
        ]
      : []),
    ...peers.map((peer): StageTile => {
      const { info, media, stream } = peer
      const { text, tone } = labelOf(peer)
      return {
        key: info.id,
        name: info.name,
        seed: info.id,
        peer: info.id,
        hand: hands.raised.includes(info.id),
        reaction: reactions.get(info.id),
        stream,
        camera: media.camera === 'on' && !prefersSound,
        microphone: media.microphone,
        speaking: speakers.has(info.id),
        line: shownLine(info.line),
        ...(media.camera === 'on' && prefersSound && { note: quality('paused') }),
        ...(tone !== 'good' && { note: text }),
      }
    }),
    {
      key: 'self',
      self: true,
      mirrored: looksAtPerson(local.stream),
      name: t('youSuffix', { name }),
      seed: self,
      hand: hands.own,
      reaction: reactions.get('self'),
      stream: cover?.status === 'shown' ? cover.stream : local.stream,
      camera: camera.status === 'on' && (cover === undefined || cover.status === 'shown'),
      ...(camera.status === 'on' && cover?.status === 'preparing' && { note: background('preparing') }),
      line: signaling.status === 'online' ? shownLine(signaling.line) : undefined,
      microphone: microphone.status !== 'on' ? 'off' : microphone.muted ? 'muted' : 'on',
    },
  ]
}
