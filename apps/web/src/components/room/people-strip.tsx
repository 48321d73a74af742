'use client'
import type { PeerView } from '@patchbay/core/mesh'
import { useHands } from '@patchbay/react'
import { useFormatter, useTranslations } from 'next-intl'
import type { ReactNode } from 'react'
import type { Reading } from '@/lib/readings'
import { useReactions } from '@/lib/reactions'
import { Avatar } from './avatar'
import { HandMark } from './hand-mark'
import { usePeerLabel } from './use-peer-label'
import { useReadings } from './use-readings'

/** Not on a phone, upright or on its side. */
const WIDE_ONLY = 'max-lg:hidden short:hidden'
const tones = { good: 'text-good', waiting: 'text-soft', bad: 'text-bad' }

/** All people in the room, with connection state. */
export function PeopleStrip(props: {
  readonly name: string
  /** Seed of this person's own color. */
  readonly self: string
  readonly peers: readonly PeerView[]
  /** Whoever has media also has a tile, which is enough on a small screen. */
  readonly onStage: boolean
}): ReactNode {
  const { name, self, peers, onStage } = props
  const t = useTranslations('Room')
  const labelOf = usePeerLabel()
  const readings = useReadings()
  const hands = useHands()
  const reactions = useReactions()
  const hasTile = ({ info }: PeerView) => onStage && info.capabilities.media
  return (
    // May scroll sideways, so it must be reachable by keyboard.
    <ul
      aria-label={t('people')}
      // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
      tabIndex={0}
      className={`flex shrink-0 gap-2 overflow-x-auto px-4 py-3 short:py-1 ${onStage && peers.every(hasTile) ? WIDE_ONLY : ''}`}
    >
      <Person
        name={name}
        seed={self}
        who={t('youSuffix', { name })}
        hand={hands.own}
        reaction={reactions.get('self')}
        hasTile={onStage}
      />
      {peers.map((peer) => {
        const { text, tone } = labelOf(peer)
        return (
          <Person
            key={peer.info.id}
            name={peer.info.name}
            seed={peer.info.id}
            who={peer.info.name}
            state={text}
            tone={tone}
            hand={hands.raised.includes(peer.info.id)}
            reaction={reactions.get(peer.info.id)}
            readings={readings.get(peer.info.id)}
            hasTile={hasTile(peer)}
          />
        )
      })}
    </ul>
  )
}

function Person(props: {
  readonly name: string
  readonly seed: string
  readonly who: string
  readonly state?: string
  readonly tone?: keyof typeof tones
  readonly hand: boolean
  /** What they show for a moment. */
  readonly reaction: string | undefined
  /** Readings, for a device. */
  readonly readings?: readonly Reading[] | undefined
  /** Shown on the stage as well. */
  readonly hasTile: boolean
}): ReactNode {
  const { name, seed, who, state, tone = 'good', hand, reaction, readings = [], hasTile } = props
  const format = useFormatter()
  const t = useTranslations('Peer')
  return (
    <li
      data-testid={state === undefined ? 'self' : 'peer'}
      data-name={name}
      className={`flex max-w-72 shrink-0 items-center gap-2.5 rounded-full border border-line bg-panel py-1 ps-1 pe-4 ${hasTile ? WIDE_ONLY : ''}`}
    >
      <Avatar name={name} seed={seed} className="size-8 text-sm" />
      <span className="grid min-w-0 leading-tight">
        <bdi className="truncate text-sm font-medium rtl:text-right">{who}</bdi>
        {state !== undefined && <span className={`truncate text-xs ${tones[tone]}`}>{state}</span>}
      </span>
      {hand && <HandMark text={t('handUp')} />}
      {reaction !== undefined && (
        <span aria-hidden className="text-xl leading-none">
          {reaction}
        </span>
      )}
      {readings.map(({ name: what, value, unit }) => (
        <data key={what} value={value} title={what} className="ps-1 text-lg font-semibold tabular-nums">
          {format.number(value)} <span className="text-sm font-normal text-soft">{unit}</span>
        </data>
      ))}
    </li>
  )
}
