'use client'
import type { LocalDevicesState, PeerView } from '@patchbay/core/mesh'
import { useSignaling, useSpeakers } from '@patchbay/react'
import { useTranslations } from 'next-intl'
import { type ReactNode, useState } from 'react'
import { labelOfLine } from '@/lib/lines'
import { layOut, type Shape, shapeOfAvatar, shapeOfCamera, shapeOfScreen } from '@/lib/stage-layout'
import { useSize } from '@/lib/use-size'
import { Tile, type TileProps } from './tile'
import { usePeerLabel } from './use-peer-label'

/** Space between tiles, in CSS pixels. */
const GAP = 8
/** Share by which a picture's ratio must change to count: a scaled picture is rounded to whole pixels. */
const SAME_RATIO = 0.02
const usualRatio = 16 / 9

type StageTile = Omit<TileProps, 'box' | 'onRatio'> & { readonly key: string }

/** All people and shared screens as tiles, as large as the space allows. */
export function Stage(props: {
  readonly name: string
  /** Seed of this person's own color. */
  readonly self: string
  readonly peers: readonly PeerView[]
  readonly local: LocalDevicesState
}): ReactNode {
  const t = useTranslations('Room')
  const tiles = useTiles(props)
  const [space, setElement] = useSize()
  const [ratios, setRatios] = useState<ReadonlyMap<string, number>>(new Map())
  const note = (key: string, ratio: number) =>
    setRatios((before) =>
      Math.abs(ratio / (before.get(key) ?? usualRatio) - 1) < SAME_RATIO ? before : new Map(before).set(key, ratio),
    )
  const shapeOf = ({ key, screen = false, camera }: StageTile): Shape => {
    const ratio = ratios.get(key) ?? usualRatio
    return screen ? shapeOfScreen(ratio) : camera ? shapeOfCamera(ratio) : shapeOfAvatar
  }
  const boxes = layOut(tiles.map(shapeOf), space, GAP)
  return (
    <section
      aria-label={t('people')}
      className="h-[46dvh] shrink-0 bg-stage p-2 lg:h-auto lg:min-h-0 lg:flex-1 short:h-auto short:min-h-0 short:flex-1 short:p-1"
    >
      <div ref={setElement} className="relative size-full">
        {tiles.map(({ key, ...tile }, index) => (
          <Tile key={key} {...tile} box={boxes[index]} onRatio={(ratio) => note(key, ratio)} />
        ))}
      </div>
    </section>
  )
}

/** What there is to show: screens, this person, the others. */
function useTiles(props: {
  readonly name: string
  readonly self: string
  readonly peers: readonly PeerView[]
  readonly local: LocalDevicesState
}): readonly StageTile[] {
  const { name, self, peers, local } = props
  const t = useTranslations('Room')
  const labelOf = usePeerLabel()
  const signaling = useSignaling()
  const speakers = useSpeakers()
  const { microphone, camera, screen } = local
  const screens = peers.filter(({ media }) => media.screen === 'on')
  return [
    ...screens.map(({ info, screenStream }) => ({
      key: `screen of ${info.id}`,
      screen: true,
      camera: true,
      name: t('screenOf', { name: info.name }),
      seed: info.id,
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
    {
      key: 'self',
      self: true,
      name: t('youSuffix', { name }),
      seed: self,
      stream: local.stream,
      camera: camera.status === 'on',
      line: signaling.status === 'online' ? labelOfLine(signaling.line) : undefined,
      microphone: microphone.status !== 'on' ? 'off' : microphone.muted ? 'muted' : 'on',
    },
    ...peers.map((peer): StageTile => {
      const { info, media, stream } = peer
      const { text, tone } = labelOf(peer)
      return {
        key: info.id,
        name: info.name,
        seed: info.id,
        stream,
        camera: media.camera === 'on',
        microphone: media.microphone,
        speaking: speakers.has(info.id),
        line: labelOfLine(info.line),
        ...(tone !== 'good' && { note: text }),
      }
    }),
  ]
}
