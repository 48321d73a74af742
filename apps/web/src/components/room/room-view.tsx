'use client'
import type { PeerView } from '@patchbay/core/mesh'
import { useLocalMedia, usePeers, useRecordings, useRoom, useRoomConnection, useSignaling } from '@patchbay/react'
import { useTranslations } from 'next-intl'
import { type ReactNode, useState } from 'react'
import type { Invite } from '@/lib/invite'
import { floatingCode } from '@/lib/floating'
import { laterCode } from '@/lib/later-code'
import { hasScreenKeyboard } from '@/lib/screen-keyboard'
import { useKeptFocus } from '@/lib/use-kept-focus'
import { isOver } from '@/lib/visit'
import { FullPage } from '../full-page'
import { CallDock } from './call-dock'
import { ChatPanel } from './chat-panel'
import { COMPOSER_ID } from './composer'
import { FullStop } from './full-stop'
import { HandNotices } from './hand-notices'
import { KnockBar } from './knock-bar'
import { PeopleStrip } from './people-strip'
import { RecordingNotices } from './recording-notices'
import { RoomHeader } from './room-header'
import { SealBanner } from './seal-banner'
import { SoundBanner } from './sound-banner'
import { StatusBanner } from './status-banner'
import { StuckBanner } from './stuck-banner'
import { useAdmission } from './use-admission'
import { useLeave } from './use-leave'
import { useRecorder } from './use-recorder'
import { useRoomTitle } from './use-room-title'
import { WaitingPage } from './waiting-page'

/** The room: chat first; the stage appears once anyone sends audio or video. */
export function RoomView(props: {
  readonly invite: Invite
  readonly name: string
  /** Takes the session back from another tab. */
  readonly onComeBack: () => void
}): ReactNode {
  const { invite, name, onComeBack } = props
  const t = useTranslations('Chat')
  const status = useTranslations('Status')
  const connection = useRoomConnection()
  const signaling = useSignaling()
  const roster = useRoom()
  const peers = usePeers()
  const media = useLocalMedia()
  const title = useRoomTitle(invite)
  useAdmission(roster, title)
  const record = useRecorder(name, title)
  const { leave, isLeaving } = useLeave(invite.room)
  // The seed of a person's color is the same on every page.
  const self = connection?.client.self ?? name

  const { camera, microphone, screen } = media?.state ?? {}
  const live = [camera, microphone, screen].some((source) => source?.status === 'on')
  const isLive = ({ media: theirs }: PeerView) =>
    theirs.camera === 'on' || theirs.screen === 'on' || theirs.microphone !== 'off'
  const onStage = live || peers.some(isLive)
  const Stage = laterCode.use(onStage)?.Stage
  const isRecorded = useRecordings().raised.length > 0
  // That somebody records is shown whatever else is fetched.
  laterCode.use(isRecorded)
  const FloatingCall = floatingCode.useLoaded()?.FloatingCall
  const RecordingBanner = laterCode.useLoaded()?.RecordingBanner

  const [page, setPage] = useState<HTMLElement | null>(null)
  useKeptFocus(page, () => (hasScreenKeyboard() ? null : document.getElementById(COMPOSER_ID)))

  // Until the next page is there, or what was recorded is saved.
  if (isLeaving)
    return <FullPage title={status('left')}>{RecordingBanner !== undefined && <RecordingBanner />}</FullPage>
  if (isOver(signaling, roster, peers.length))
    return <FullStop signaling={signaling} roster={roster} onComeBack={onComeBack} />
  if (roster.status === 'waiting') return <WaitingPage />

  const callers = peers.filter(({ info }) => info.capabilities.media)
  return (
    // Scrolls as a whole where there is too little height for header, log and buttons (WCAG 1.4.10).
    <div
      ref={setPage}
      className="flex h-dvh flex-col [--around:8.5rem] [--least:27rem] has-[[data-notice]]:[--around:11.75rem] has-[[data-notice]]:[--least:23.75rem]"
    >
      <RoomHeader invite={invite} peers={peers} />
      <SealBanner peers={peers} />
      <StuckBanner peers={peers} relayOnly={invite.relayOnly} />
      <KnockBar />
      <RecordingNotices />
      {RecordingBanner !== undefined && <RecordingBanner />}
      <SoundBanner />
      <StatusBanner peers={peers} />
      <main
        className={
          onStage
            ? 'flex min-h-[min(46dvh+13rem,max(100dvh-var(--around),var(--least)))] flex-1 flex-col lg:min-h-72 lg:flex-row short:min-h-44 short:flex-row'
            : 'flex min-h-56 flex-1 flex-col'
        }
      >
        {Stage !== undefined && media !== undefined && (
          <Stage name={name} self={self} peers={callers} local={media.state} />
        )}
        {FloatingCall !== undefined && media !== undefined && (
          <FloatingCall name={name} self={self} peers={callers} local={media.state} onLeave={leave} />
        )}
        <section
          aria-label={t('title')}
          className={
            onStage
              ? 'flex min-h-0 flex-1 flex-col bg-panel lg:max-w-[25rem] lg:border-s lg:border-line short:max-w-[45%] short:border-s short:border-line'
              : 'mx-auto flex min-h-0 w-full max-w-3xl flex-1 flex-col'
          }
        >
          <PeopleStrip name={name} self={self} peers={peers} onStage={onStage} />
          <ChatPanel alone={peers.length === 0} name={name} self={self} invite={invite} />
        </section>
      </main>
      <HandNotices />
      <CallDock title={title} isSealed={invite.key !== undefined} onLeave={leave} onRecord={record} />
    </div>
  )
}
