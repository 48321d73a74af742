'use client'
import { Conversation } from '@patchbay/core/conversation'
import { canSeal } from '@patchbay/core/seal'
import type { LocalDevices } from '@patchbay/core/mesh'
import type { HostKey, RoomId } from '@patchbay/protocol'
import { RoomProvider, useModeration, useSignaling } from '@patchbay/react'
import { LoaderCircle } from 'lucide-react'
import { useTranslations } from 'next-intl'
import { type ReactNode, type RefObject, useCallback, useEffect, useMemo, useRef, useState } from 'react'
import { coverBackground } from '@/lib/background/background'
import { createDevices } from '@/lib/devices'
import { hostKeyOf, keepHostKey } from '@/lib/host-keys'
import { rememberedName, titleOf } from '@/lib/identity'
import { lineMemory, rememberedLine } from '@/lib/lines'
import { type Invite, inviteHref } from '@/lib/invite'
import { traced } from '@/lib/line-trace'
import { laterCode, lobbyCode } from '@/lib/later-code'
import { popupCode } from '@/lib/popups'
import { dropWaitingToasts, useWaitingToast } from '@/lib/toasts'
import { traceCode } from '@/lib/trace-code'
import { useHydrated } from '@/lib/use-hydrated'
import { useInvite } from '@/lib/use-invite'
import { type PageLine, useLines } from '@/lib/use-lines'
import { site } from '@/site'
import { Mark } from '../brand'
import { FullPage } from '../full-page'
import { RoomView } from './room-view'

/** Enters the room with the name used last, or asks for a name first. */
export function RoomGate({ room }: { readonly room: RoomId }): ReactNode {
  const hydrated = useHydrated()
  const t = useTranslations('Seal')
  const about = useTranslations('Room')
  const invite = useInvite(room)
  /** The one stored when this page came, or typed since: what another tab stores is for the next room. */
  const [name, setName] = useState<string>()
  /** Those of the preview, until a room has taken them: it releases them when it is left. */
  const previewed = useRef<LocalDevices>(undefined)
  // Incremented to rejoin with the same name after another tab took the session over.
  const [visit, setVisit] = useState(0)
  const takeDevices = useCallback(() => takenFrom(previewed) ?? createDevices(), [])
  useEffect(() => () => takenFrom(previewed)?.dispose(), [])
  if (hydrated && name === undefined) setName(rememberedName())
  const Lobby = lobbyCode.use(name === '')?.Lobby
  if (name === undefined) return <RoomShell room={room} />
  if (typeof RTCPeerConnection === 'undefined')
    return <FullPage title={about('noCallsTitle')} text={about('noCallsText')} />
  // Never join without the key: people with it would be unreachable, and the server could eavesdrop.
  if (invite.key === 'damaged') return <FullPage title={t('damagedTitle')} text={t('damagedText')} />
  if (invite.key !== undefined && !canSeal()) return <FullPage title={t('insecureTitle')} text={t('insecureText')} />
  if (name === '')
    return Lobby === undefined ? (
      <RoomShell room={room} />
    ) : (
      <>
        <Lobby
          room={room}
          onJoin={(typed, devices) => {
            previewed.current = devices
            setName(typed)
          }}
        />
        <Later />
      </>
    )
  const again = () => setVisit(visit + 1)
  // Each visit is a new instance.
  const life = `${visit} ${inviteHref(invite)}`
  return <JoinedRoom key={life} invite={invite} name={name} takeDevices={takeDevices} onComeBack={again} />
}

/** What the reference has, which it gives away. */
function takenFrom<T>(from: RefObject<T | undefined>): T | undefined {
  const taken = from.current
  from.current = undefined
  return taken
}

/** What the server sends of a room: something to read until the page's code is there. */
function RoomShell({ room }: { readonly room: RoomId }): ReactNode {
  const t = useTranslations('Room')
  const about = useTranslations('Landing')
  return (
    <div className="flex min-h-dvh flex-col" data-testid="shell">
      <header className="flex min-h-15 items-center gap-3 border-b border-line bg-panel px-3 py-1.5 sm:px-5">
        <Mark className="size-7 shrink-0 text-brass" />
        <h1 className="min-w-0 truncate font-semibold">{t('untitled', { room })}</h1>
      </header>
      <div className="grid flex-1 place-content-center justify-items-center gap-8 p-6 text-center text-soft">
        <p role="status" className="grid justify-items-center gap-3">
          <LoaderCircle className="size-8 animate-spin text-brass motion-reduce:animate-none" aria-hidden />
          {t('opening')}
        </p>
        <p className="max-w-[34rem] text-lg leading-relaxed text-pretty">{about('intro')}</p>
      </div>
    </div>
  )
}

function JoinedRoom(props: {
  readonly invite: Invite
  readonly name: string
  /** Gives the devices of the room, when it is joined. */
  readonly takeDevices: () => LocalDevices
  readonly onComeBack: () => void
}): ReactNode {
  const { invite, name, takeDevices, onComeBack } = props
  const lines = useLines()
  const dialers = useMemo(() => lines.map(({ ahead, dialer }) => ({ ahead, dialer: traced(dialer()) })), [lines])
  const options = useMemo(
    () => ({
      lines: dialers.map(({ dialer }) => dialer),
      line: rememberedLine(lines),
      lineMemory,
      room: invite.room,
      name,
      title: titleOf(invite.room),
      hostKey: site.features.hosts ? hostKeyOf(invite.room) : undefined,
      key: invite.key === 'damaged' ? undefined : invite.key,
      relayOnly: invite.relayOnly,
      devices: takeDevices,
      processMedia: coverBackground,
      conversation: () => new Conversation({ history: invite.history }),
    }),
    [dialers, lines, invite, name, takeDevices],
  )
  return (
    <RoomProvider options={options}>
      <Preload dialers={dialers} />
      <KeepHostKey room={invite.room} hostKey={options.hostKey} />
      <RoomView invite={invite} name={name} onComeBack={onComeBack} />
      <Later />
    </RoomProvider>
  )
}

/** Keeps the key of a room that this browser is a host of, for the next time. */
function KeepHostKey({ room, hostKey }: { readonly room: RoomId; readonly hostKey: HostKey | undefined }): ReactNode {
  const { isHost } = useModeration().state
  useEffect(() => {
    if (isHost && hostKey !== undefined) keepHostKey(room, hostKey)
  }, [isHost, room, hostKey])
  return null
}

/** Toasts and hints. A toast has their code fetched before there is a line. */
function Later(): ReactNode {
  laterCode.use(useWaitingToast())
  useEffect(() => dropWaitingToasts, [])
  const code = laterCode.useLoaded()
  return (
    code !== undefined && (
      <>
        <code.Hints />
        <code.Toaster />
      </>
    )
  )
}

/**
 * Loads the code of menus and dialogs, of what is used later, of the timeline of signals, and of the lines marked `ahead` once a
 * line is open: when they are needed, the network may be down. Other lines, with large libraries, are fetched when they are dialed;
 * where that fails, `auto` goes on with those that are there.
 */
function Preload(props: {
  readonly dialers: readonly { readonly ahead: boolean; readonly dialer: ReturnType<PageLine['dialer']> }[]
}): ReactNode {
  const { dialers } = props
  const online = useSignaling().status === 'online'
  popupCode.use(online)
  laterCode.use(online)
  traceCode.use(online)
  useEffect(() => {
    if (!online) return
    for (const { ahead, dialer } of dialers) if (ahead) void dialer.preload?.()
  }, [online, dialers])
  return null
}
