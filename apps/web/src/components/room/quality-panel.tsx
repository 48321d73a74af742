'use client'
import type { PeerStatistics, PeerView, SentSize } from '@patchbay/core/mesh'
import { useLocalMedia, usePeers, usePictures, useStatistics } from '@patchbay/react'
import { useFormatter, useTranslations } from 'next-intl'
import type { ReactNode } from 'react'
import { type CallQuality, judgeCall } from '@/lib/call-quality'
import { Button } from '../ui/button'
import { SwitchField } from '../ui/switch-field'

/** Why the call is as good or bad as it is, what was done about it, and a way to give sound all there is. */
export function QualityPanel({ onTrace }: { readonly onTrace: () => void }): ReactNode {
  const t = useTranslations('Quality')
  const trace = useTranslations('Trace')
  const peers = usePeers().filter(({ link }) => link.phase === 'connected')
  const statistics = useStatistics()
  const { sent, prefersSound, sizes } = usePictures()
  const media = useLocalMedia()
  const quality = judgeCall(
    peers.map(({ info, path }) => {
      const { incoming, outgoing, roundTripMs = 0 } = statistics.get(info.id) ?? {}
      return {
        name: info.name,
        cause: sent.get(info.id)?.cause,
        incomingLoss: incoming?.loss ?? 0,
        outgoingLoss: outgoing?.loss ?? 0,
        roundTripMs,
        isRelayed: path === 'relayed',
      }
    }),
  )
  const prefer = (isPreferred: boolean) => {
    sizes?.preferSound(isPreferred)
    if (isPreferred && media?.state.camera.status === 'on') void media.devices.turnOff('camera')
  }
  return (
    <div className="grid gap-5">
      <p role="status" data-testid="quality" data-kind={quality.kind} className="leading-relaxed font-medium">
        <Verdict quality={quality} />
      </p>
      <SwitchField label={t('preferSound')} hint={t('preferSoundText')} isOn={prefersSound} onTurn={prefer} />
      {peers.length > 0 && (
        <ul className="grid gap-3">
          {peers.map((peer) => (
            <PathItem
              key={peer.info.id}
              peer={peer}
              sent={sent.get(peer.info.id)}
              statistics={statistics.get(peer.info.id)}
              isSeen={peer.media.camera === 'on' && !prefersSound}
            />
          ))}
        </ul>
      )}
      <Button look="ghost" className="justify-self-start" onClick={onTrace}>
        {trace('title')}
      </Button>
    </div>
  )
}

function Verdict({ quality }: { readonly quality: CallQuality }): ReactNode {
  const t = useTranslations('Quality')
  const format = useFormatter()
  if ('names' in quality) return t(quality.kind, { names: format.list(quality.names) })
  return t(quality.kind)
}

/** The way to one person, in words. */
function PathItem(props: {
  readonly peer: PeerView
  readonly sent: SentSize | undefined
  readonly statistics: PeerStatistics | undefined
  /** Whether its camera is asked for. */
  readonly isSeen: boolean
}): ReactNode {
  const { peer, sent, statistics, isSeen } = props
  const t = useTranslations('Quality')
  const format = useFormatter()
  const { incoming, seen, roundTripMs } = statistics ?? {}
  const loss = incoming?.loss ?? 0
  const way = peer.path === 'relayed' ? t('relayed') : t('direct')
  const facts = [
    roundTripMs === undefined ? way : t('way', { way, ms: Math.round(roundTripMs) }),
    sent !== undefined && (sent.maxHeight === 0 ? t('notSent') : t(`sent.${sent.cause}`, { lines: sent.maxHeight })),
    seen?.height !== undefined && isSeen && t('seen', { lines: seen.height }),
    loss >= 0.005 && t('lost', { share: format.number(loss, { style: 'percent', maximumFractionDigits: 1 }) }),
  ]
  return (
    <li data-testid="path" data-name={peer.info.name} className="rounded-2xl border border-line p-4 text-sm">
      <p className="truncate font-medium">
        <bdi>{peer.info.name}</bdi>
      </p>
      {facts.map(
        (fact) =>
          fact !== false && (
            <p key={fact} className="leading-relaxed text-soft">
              {fact}
            </p>
          ),
      )}
    </li>
  )
}
