'use client'
import type { LocalDevicesState, PeerView } from '@patchbay/core/mesh'
import { useTranslations } from 'next-intl'
import type { ReactNode } from 'react'
import { Tile } from './tile'
import { usePeerLabel } from './use-peer-label'

/** Columns that fill a wide, and a tall, space best for a number of tiles. */
function columns(count: number): { readonly wide: number; readonly tall: number } {
  return { wide: Math.ceil(Math.sqrt(count)), tall: count <= 3 ? 1 : 2 }
}

/** Everyone as a tile, in a grid that fills the space. */
export function Stage(props: {
  readonly name: string
  readonly peers: readonly PeerView[]
  readonly local: LocalDevicesState
}): ReactNode {
  const { name, peers, local } = props
  const t = useTranslations('Room')
  const labelOf = usePeerLabel()
  const { wide, tall } = columns(peers.length + 1)
  const { microphone, camera } = local
  return (
    <section
      aria-label={t('people')}
      style={{ '--wide': wide, '--tall': tall } as React.CSSProperties}
      className="@container-[size] min-h-[42dvh] flex-[3] bg-stage p-2 lg:min-h-0"
    >
      <div className="grid h-full auto-rows-fr grid-cols-[repeat(var(--wide),minmax(0,1fr))] gap-2 [@container_(max-aspect-ratio:1/1)]:grid-cols-[repeat(var(--tall),minmax(0,1fr))]">
        <Tile
          self
          name={t('youSuffix', { name })}
          seed={name}
          stream={local.stream}
          camera={camera.status === 'on'}
          microphone={microphone.status !== 'on' ? 'off' : microphone.muted ? 'muted' : 'on'}
        />
        {peers.map((peer) => {
          const { text, tone } = labelOf(peer)
          return (
            <Tile
              key={peer.info.id}
              name={peer.info.name}
              seed={peer.info.id}
              stream={peer.stream}
              camera={peer.media.camera === 'on'}
              microphone={peer.media.microphone}
              {...(tone !== 'good' && { note: text })}
            />
          )
        })}
      </div>
    </section>
  )
}
