'use client'
import { canSeal } from '@patchbay/core/seal'
import type { PeerStatistics, PeerView, Picture } from '@patchbay/core/mesh'
import { useHands, useModeration, usePeerStatistics, useRoom, useRoomConnection } from '@patchbay/react'
import { Fingerprint, Lock, Users } from 'lucide-react'
import { useFormatter, useTranslations } from 'next-intl'
import { type ReactNode, useEffect, useRef } from 'react'
import { shownLine } from '@/lib/lines'
import { isIn } from '@/lib/visit'
import { Preferences } from '../preferences'
import { Button } from '../ui/button'
import { DialogButton } from '../ui/dialog'
import { Avatar } from './avatar'
import { HandMark } from './hand-mark'
import { LockField, RemoveButton } from './host-controls'
import { usePeerLabel } from './use-peer-label'
import { VolumeField } from './volume-field'

/** All people, with connection state, signaling line, statistics and the safety code. */
export function PeopleDialog(props: { readonly peers: readonly PeerView[]; readonly sealed: boolean }): ReactNode {
  const t = useTranslations('Room')
  const host = useTranslations('Host')
  const isJoined = isIn(useRoom(), props.peers.length)
  const { isLocked } = useModeration().state
  const count = props.peers.length + 1
  return (
    <DialogButton
      trigger={
        <Button
          look="ghost"
          data-testid="people"
          className="h-auto max-w-full min-w-0 shrink justify-start gap-1 rounded px-0 py-1 text-xs font-normal text-soft underline-offset-2 hover:underline"
        />
      }
      label={
        <>
          <Users className="size-3.5 shrink-0" aria-hidden />
          <span className="min-w-0 truncate">{isJoined ? t('peopleCount', { count }) : t('entering')}</span>
          {isLocked && <Lock role="img" className="size-3.5 shrink-0" aria-label={host('isLocked')} />}
        </>
      }
      title={t('people')}
    >
      {props.peers.length === 0 && <p className="text-sm text-soft">{t(isJoined ? 'alone' : 'enteringText')}</p>}
      <div className="mb-4 empty:hidden">
        <LockField />
      </div>
      <ul className="grid grid-cols-1 gap-4">
        {props.peers.map((peer) => (
          <Person key={peer.info.id} peer={peer} sealed={props.sealed} />
        ))}
      </ul>
      <div className="flex justify-end sm:hidden">
        <Preferences />
      </div>
    </DialogButton>
  )
}

function Person({ peer, sealed }: { readonly peer: PeerView; readonly sealed: boolean }): ReactNode {
  const t = useTranslations('People')
  const label = useTranslations('Peer')
  const host = useTranslations('Host')
  const { raised } = useHands()
  const { text } = usePeerLabel()(peer)
  const mesh = useRoomConnection()?.mesh
  const { info, safetyCode, link } = peer
  const line = shownLine(info.line)
  const code = useRef<HTMLParagraphElement>(null)
  const hasAsked = useRef(false)
  useEffect(() => {
    // The button that had the focus is gone.
    if (hasAsked.current) code.current?.focus()
  }, [safetyCode])
  const ask = () => {
    hasAsked.current = true
    mesh?.safety.begin(info.id)
  }
  return (
    <li
      data-testid="person"
      data-name={info.name}
      className="grid grid-cols-1 gap-3 rounded-2xl border border-line p-4"
    >
      <div className="flex items-center gap-3">
        <Avatar name={info.name} seed={info.id} />
        <div className="min-w-0 flex-1">
          <p className="truncate font-medium">
            <bdi>{info.name}</bdi>
          </p>
          <p className="flex flex-wrap gap-x-1.5 text-sm text-soft">
            {text}
            {line !== undefined && (
              <>
                <span aria-hidden>·</span>
                <span data-testid="their-line">{line}</span>
              </>
            )}
            {info.host === true && (
              <>
                <span aria-hidden>·</span>
                <span>{host('mark')}</span>
              </>
            )}
          </p>
        </div>
        {raised.includes(info.id) && <HandMark text={label('handUp')} />}
      </div>
      <VolumeField peer={info.id} name={info.name} />
      <Numbers peer={peer} />
      <RemoveButton info={info} />
      {!sealed && link.phase === 'connected' && canSeal() && (
        <div className="grid gap-1.5 border-t border-line pt-3 text-sm">
          {safetyCode === undefined ? (
            <Button onClick={ask} className="justify-self-start">
              <Fingerprint className="size-4" aria-hidden />
              {t('compare')}
            </Button>
          ) : (
            // In the same order everywhere, also where the page is written from right to left.
            <p
              ref={code}
              dir="ltr"
              tabIndex={-1}
              className="font-mono text-xl tracking-wider tabular-nums"
              data-testid="safety-code"
            >
              {safetyCode}
            </p>
          )}
          <p className="leading-relaxed text-pretty wrap-anywhere text-soft">{t('compareText', { name: info.name })}</p>
        </div>
      )}
    </li>
  )
}

/** Statistics of one connection. */
function Numbers({ peer }: { readonly peer: PeerView }): ReactNode {
  const t = useTranslations('People')
  const format = useFormatter()
  const statistics = usePeerStatistics(peer.info.id)
  if (statistics === undefined || peer.link.phase !== 'connected') return null
  const number = (value: number) => format.number(value, { maximumFractionDigits: value < 10 ? 1 : 0 })
  const flow = ({ bitsPerSecond, loss }: PeerStatistics['incoming']) =>
    loss === undefined
      ? t('rate', { rate: number(bitsPerSecond / 1_000) })
      : t('rateLoss', { rate: number(bitsPerSecond / 1_000), loss: format.number(loss, { style: 'percent' }) })
  const picture = (seen: Picture | undefined) =>
    seen && [
      `${seen.width} × ${seen.height}`,
      seen.framesPerSecond && t('fps', { rate: seen.framesPerSecond }),
      seen.codec,
    ]
  const rows: [string, string | undefined][] = [
    [
      t('roundTrip'),
      statistics.roundTripMs === undefined ? undefined : t('ms', { ms: number(statistics.roundTripMs) }),
    ],
    [t('incoming'), flow(statistics.incoming)],
    [t('outgoing'), flow(statistics.outgoing)],
    [t('seen'), picture(statistics.seen)?.filter(Boolean).join(' · ')],
    [t('sent'), picture(statistics.sent)?.filter(Boolean).join(' · ')],
    [t('sound'), statistics.audioCodec],
    [
      t('path'),
      statistics.local === undefined
        ? undefined
        : t('pathOf', {
            local: statistics.local,
            remote: statistics.remote ?? '?',
            protocol: (statistics.protocol ?? '').toUpperCase(),
          }),
    ],
  ]
  return (
    <dl className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-1 text-sm" data-testid="statistics">
      {rows.map(
        ([name, value]) =>
          value !== undefined && (
            <div key={name} className="contents">
              <dt className="text-soft">{name}</dt>
              <dd className="text-end tabular-nums">{value}</dd>
            </div>
          ),
      )}
    </dl>
  )
}
