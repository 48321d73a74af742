'use client'
import { canSeal } from '@patchbay/core/seal'
import { cleanName, createInstanceId, MAX_NAME_CODE_POINTS, type RoomId } from '@patchbay/protocol'
import { RoomProvider, useSignaling } from '@patchbay/react'
import { ArrowRight } from 'lucide-react'
import { useTranslations } from 'next-intl'
import { type FormEvent, type ReactNode, useEffect, useMemo, useState } from 'react'
import { rememberedName, rememberName, tabSecret, titleOf } from '@/lib/identity'
import type { LineUrls } from '@/lib/line-urls'
import { lineMemory, type PageDialer, pageLines, rememberedLine } from '@/lib/lines'
import { type Invite, inviteHref } from '@/lib/invite'
import { useHydrated } from '@/lib/use-hydrated'
import { useInvite } from '@/lib/use-invite'
import { FullPage } from '../full-page'
import { SiteHeader } from '../site-header'
import { Button } from '../ui/button'
import { TextField } from '../ui/field'
import { RoomView } from './room-view'

interface Props {
  readonly room: RoomId
  readonly urls: LineUrls
}

/** Enters the room with the name used last, or asks for a name first. */
export function RoomGate({ room, urls }: Props): ReactNode {
  const hydrated = useHydrated()
  const t = useTranslations('Seal')
  const invite = useInvite(room)
  const [name, setName] = useState<string>()
  // Incremented to rejoin with the same name after another tab took the session over.
  const [visit, setVisit] = useState(0)
  if (!hydrated) return null
  // Never join without the key: people with it would be unreachable, and the server could eavesdrop.
  if (invite.key === 'damaged') return <FullPage title={t('damagedTitle')} text={t('damagedText')} />
  if (invite.key !== undefined && !canSeal()) return <FullPage title={t('insecureTitle')} text={t('insecureText')} />
  const known = name ?? rememberedName()
  if (known === '') return <NameForm onName={setName} />
  const again = () => setVisit(visit + 1)
  // Each visit is a new instance.
  const life = `${visit} ${inviteHref(invite)}`
  return <JoinedRoom key={life} invite={invite} urls={urls} name={known} onComeBack={again} />
}

function JoinedRoom(props: {
  readonly invite: Invite
  readonly urls: LineUrls
  readonly name: string
  readonly onComeBack: () => void
}): ReactNode {
  const { invite, urls, name, onComeBack } = props
  const options = useMemo(
    () => ({
      dialers: pageLines.map(({ dialer }) => dialer(urls)),
      line: rememberedLine(),
      lineMemory,
      secret: tabSecret(),
      instance: createInstanceId(),
      entry: { room: invite.room, name, title: titleOf(invite.room) },
      roomKey: invite.key === 'damaged' ? undefined : invite.key,
      relayOnly: invite.relayOnly,
    }),
    [urls, invite, name],
  )
  return (
    <RoomProvider options={options}>
      <Preload dialers={options.dialers} />
      <RoomView invite={invite} name={name} onComeBack={onComeBack} />
    </RoomProvider>
  )
}

/** Loads the code of the other lines once one is open: when they are needed, the network may be down. */
function Preload({ dialers }: { readonly dialers: readonly PageDialer[] }): ReactNode {
  const online = useSignaling().status === 'online'
  useEffect(() => {
    if (online) for (const dialer of dialers) void dialer.preload?.()
  }, [online, dialers])
  return null
}

function NameForm({ onName }: { readonly onName: (name: string) => void }): ReactNode {
  const t = useTranslations()
  const [error, setError] = useState<string>()
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const typed = new FormData(event.currentTarget).get('name')
    const name = typeof typed === 'string' ? cleanName(typed) : ''
    if (name === '') return setError(t('Landing.nameMissing'))
    rememberName(name)
    onName(name)
  }
  return (
    <div className="mx-auto flex min-h-dvh max-w-6xl flex-col px-5 sm:px-8">
      <SiteHeader />
      <main className="grid flex-1 place-content-center">
        <form
          noValidate
          onSubmit={submit}
          className="grid w-[min(26rem,calc(100vw-2.5rem))] gap-5 rounded-3xl border border-line bg-panel p-7"
        >
          <div className="grid gap-2">
            <h1 className="text-2xl font-semibold tracking-tight">{t('Gate.title')}</h1>
            <p className="text-sm leading-relaxed text-soft">{t('Gate.text')}</p>
          </div>
          <TextField
            name="name"
            label={t('Landing.nameLabel')}
            placeholder={t('Landing.namePlaceholder')}
            autoComplete="nickname"
            maxLength={2 * MAX_NAME_CODE_POINTS}
            error={error}
          />
          <Button type="submit" look="primary" size="large">
            {t('Gate.join')}
            <ArrowRight className="size-5" aria-hidden />
          </Button>
        </form>
      </main>
    </div>
  )
}
