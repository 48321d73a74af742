'use client'
import type { LocalDevicesState, PeerView } from '@patchbay/core/mesh'
import { useSignaling, useSpeakers } from '@patchbay/react'
import { useTranslations } from 'next-intl'
import type { ReactNode } from 'react'
import { labelOfLine } from '@/lib/lines'
import { Tile } from './tile'
import { usePeerLabel } from './use-peer-label'

/** Number of fine grid columns: a multiple of every number of tiles per row. */
const FINE_COLUMNS = 12

/** Fine columns of the `index`-th of `count` tiles with `perRow` tiles per row; a short last row is stretched. */
function span(index: number, count: number, perRow: number): number {
  const last = count % perRow
  return FINE_COLUMNS / (index >= count - last ? last : perRow)
}

/** Best number of tiles per row in a wide and in a tall space. */
function columns(count: number): { readonly wide: number; readonly tall: number } {
  return { wide: Math.min(4, Math.ceil(Math.sqrt(count))), tall: count <= 3 ? 1 : 2 }
}

/** All people and shared screens as tiles, in a grid that fills the space. */
export function Stage(props: {
  readonly name: string
  /** Seed of this person's own color. */
  readonly self: string
  readonly peers: readonly PeerView[]
  readonly local: LocalDevicesState
}): ReactNode {
  const { name, self, peers, local } = props
  const t = useTranslations('Room')
  const labelOf = usePeerLabel()
  const signaling = useSignaling()
  const speakers = useSpeakers()
  const screens = peers.filter((peer) => peer.media.screen === 'on')
  const ownScreen = local.screen.status === 'on'
  const count = peers.length + 1 + screens.length + Number(ownScreen)
  const { wide, tall } = columns(count)
  const place = (index: number) => ({ wide: span(index, count, wide), tall: span(index, count, tall) })
  const { microphone, camera } = local
  return (
    <section
      aria-label={t('people')}
      className="@container-[size] h-[46dvh] shrink-0 bg-stage p-2 lg:h-auto lg:min-h-0 lg:flex-1 short:h-auto short:min-h-0 short:flex-1 short:p-1"
    >
      <div className="grid h-full auto-rows-fr grid-cols-12 gap-2">
        {screens.map((peer, index) => (
          <Tile
            key={`screen of ${peer.info.id}`}
            screen
            camera
            place={place(index)}
            name={t('screenOf', { name: peer.info.name })}
            seed={peer.info.id}
            stream={peer.screenStream}
          />
        ))}
        {ownScreen && (
          <Tile
            screen
            self
            camera
            place={place(screens.length)}
            name={t('ownScreen')}
            seed={self}
            stream={local.screenStream}
          />
        )}
        <Tile
          self
          place={place(screens.length + Number(ownScreen))}
          name={t('youSuffix', { name })}
          seed={self}
          stream={local.stream}
          camera={camera.status === 'on'}
          line={signaling.status === 'online' ? labelOfLine(signaling.line) : undefined}
          microphone={microphone.status !== 'on' ? 'off' : microphone.muted ? 'muted' : 'on'}
        />
        {peers.map((peer, index) => {
          const { text, tone } = labelOf(peer)
          return (
            <Tile
              key={peer.info.id}
              place={place(count - peers.length + index)}
              name={peer.info.name}
              seed={peer.info.id}
              stream={peer.stream}
              camera={peer.media.camera === 'on'}
              microphone={peer.media.microphone}
              speaking={speakers.has(peer.info.id)}
              line={labelOfLine(peer.info.line)}
              {...(tone !== 'good' && { note: text })}
            />
          )
        })}
      </div>
    </section>
  )
}
