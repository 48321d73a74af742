'use client'
import { Tabs } from '@base-ui/react/tabs'
import { cleanName, MAX_NAME_CODE_POINTS } from '@patchbay/protocol'
import { AUTO } from '@patchbay/core/client'
import { canSeal, createRoomKey } from '@patchbay/core/seal'
import { ArrowRight, ChevronDown, LoaderCircle } from 'lucide-react'
import Link from 'next/link'
import { useRouter } from 'next/navigation'
import { useTranslations } from 'next-intl'
import { type FormEvent, type ReactNode, useEffect, useRef, useState, useTransition } from 'react'
import { lastRoom, rememberedName, rememberName, rememberTitle } from '@/lib/identity'
import {
  createRoomId,
  type Invite,
  inviteHref,
  otherHost,
  readFragment,
  readInvite,
  rememberedFragment,
  rememberInvite,
} from '@/lib/invite'
import { labelOfLine, rememberedLine, rememberLine } from '@/lib/lines'
import { useFocusOnArrival } from '@/lib/use-focus-on-arrival'
import { useHydrated } from '@/lib/use-hydrated'
import { useLines } from '@/lib/use-lines'
import { site } from '@/site'
import { LineMenu } from './line-menu'
import { Button, buttonClass } from './ui/button'
import { CheckField, NameField, TextField } from './ui/field'

type Tab = 'create' | 'join'

/** The form for name and room. @param left the room just left, offered for rejoining; by default the one that this tab was in last. */
export function LandingForm({ left }: { readonly left: string | undefined }): ReactNode {
  const t = useTranslations('Landing')
  const router = useRouter()
  const hydrated = useHydrated()
  const [going, goTo] = useTransition()
  const [tab, setTab] = useState<Tab>('create')
  const [errors, setErrors] = useState<{ readonly name?: string; readonly code?: string }>({})
  // Whoever has gone back from a room has left it as well.
  const lastLeft = (hydrated ? lastRoom() : undefined) ?? left
  const leftRoom = lastLeft === undefined ? undefined : readInvite(lastLeft)?.room

  // Uncontrolled fields, so that text typed before hydration is not lost.
  const nameInput = useRef<HTMLInputElement>(null)
  const codeInput = useRef<HTMLInputElement>(null)
  useFocusOnArrival(nameInput)
  useEffect(() => {
    if (nameInput.current?.value === '') nameInput.current.value = rememberedName()
  }, [])

  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const typed = new FormData(event.currentTarget)
    const field = (key: string) => {
      const value = typed.get(key)
      return typeof value === 'string' ? value : ''
    }
    const name = cleanName(field('name'))
    const title = cleanName(field('title'))
    const invite =
      tab === 'create'
        ? newRoom(title, { relayOnly: typed.has('relay'), history: !typed.has('noHistory') })
        : readInvite(field('code'))
    const elsewhere = tab === 'join' ? otherHost(field('code'), location.host) : undefined
    setErrors({
      ...(name === '' && { name: t('nameMissing') }),
      ...(invite === undefined && { code: t('codeMissing') }),
      ...(elsewhere !== undefined && { code: t('codeElsewhere', { host: elsewhere }) }),
    })
    if (invite === undefined || name === '' || elsewhere !== undefined) {
      // Scrolls it into view as well: on a phone it may be above the screen.
      const missing = name === '' ? nameInput : codeInput
      return missing.current?.focus()
    }
    rememberName(name)
    if (tab === 'create' && title !== '') rememberTitle(invite.room, title)
    rememberInvite(invite)
    goTo(() => router.push(inviteHref(invite)))
  }

  return (
    <section className="grid gap-4">
      {leftRoom !== undefined && (
        <p
          role="status"
          className="flex items-center justify-between gap-3 rounded-2xl bg-brass-wash px-4 py-3 text-sm"
        >
          {t('left')}
          <Link
            href={inviteHref(readFragment(leftRoom, hydrated ? rememberedFragment(leftRoom) : ''))}
            className={buttonClass({ look: 'plain' }, 'h-9')}
          >
            {t('rejoin')}
          </Link>
        </p>
      )}
      <form
        noValidate
        onSubmit={submit}
        className="grid gap-5 rounded-3xl border border-line bg-panel p-6 shadow-[0_1px_2px_rgb(0_0_0/0.04),0_12px_40px_-16px_rgb(0_0_0/0.18)] sm:p-7"
      >
        <NameField ref={nameInput} error={errors.name} />
        <Tabs.Root value={tab} onValueChange={(value: Tab) => setTab(value)} className="grid gap-4">
          <Tabs.List className="grid grid-cols-2 rounded-xl bg-sunken p-1">
            {(['create', 'join'] as const).map((value) => (
              <Tabs.Tab
                key={value}
                value={value}
                className="h-9 rounded-lg text-sm font-medium text-soft transition data-active:bg-panel data-active:text-ink data-active:shadow-sm"
              >
                {value === 'create' ? t('createTab') : t('joinTab')}
              </Tabs.Tab>
            ))}
          </Tabs.List>
          <Tabs.Panel value="create" tabIndex={-1} keepMounted className="grid gap-4 data-hidden:hidden">
            <TextField
              name="title"
              label={t('titleLabel')}
              placeholder={t('titlePlaceholder')}
              autoComplete="off"
              maxLength={2 * MAX_NAME_CODE_POINTS}
            />
            {site.features.hiddenAddresses && <CheckField name="relay" label={t('relayLabel')} hint={t('relayHint')} />}
            {site.features.noHistory && (
              <CheckField name="noHistory" label={t('noHistoryLabel')} hint={t('noHistoryHint')} />
            )}
          </Tabs.Panel>
          <Tabs.Panel value="join" tabIndex={-1} keepMounted>
            <TextField
              ref={codeInput}
              name="code"
              label={t('codeLabel')}
              placeholder={t('codePlaceholder')}
              autoComplete="off"
              autoCapitalize="none"
              spellCheck={false}
              error={errors.code}
            />
          </Tabs.Panel>
        </Tabs.Root>
        <Button type="submit" look="primary" size="large" disabled={!hydrated || going} aria-busy={going}>
          {going ? t('going') : tab === 'create' ? t('create') : t('join')}
          {going ? (
            <LoaderCircle className="size-5 animate-spin motion-reduce:animate-none" aria-hidden />
          ) : (
            <ArrowRight className="size-5 rtl:-scale-x-100" aria-hidden />
          )}
        </Button>
        {site.features.lineChoice && <LineField />}
      </form>
    </section>
  )
}

/** Creates an invite with a key wherever the page can seal, so that the server does not learn names and addresses. */
function newRoom(title: string, choices: Pick<Invite, 'relayOnly' | 'history'>): Invite {
  return { room: createRoomId(title), key: canSeal() ? createRoomKey() : undefined, ...choices }
}

/** The choice of a signaling line; the default suits most people. */
function LineField(): ReactNode {
  const t = useTranslations('Line')
  const hydrated = useHydrated()
  const lines = useLines()
  const [chosen, setChosen] = useState<string>()
  const choice = chosen ?? (hydrated ? rememberedLine(lines) : AUTO)
  const label = choice === AUTO ? t('auto') : labelOfLine(choice)
  const choose = (next: string) => {
    rememberLine(next)
    setChosen(next)
  }
  return (
    <div className="flex items-center justify-between gap-3 text-sm">
      {/* The button's name has it too. */}
      <span className="text-soft" aria-hidden>
        {t('title')}
      </span>
      <LineMenu
        choice={choice}
        onChoose={choose}
        trigger={<Button className="h-9 rounded-lg px-3" aria-label={t('button', { label })} disabled={!hydrated} />}
      >
        {label}
        <ChevronDown className="size-4 text-soft" aria-hidden />
      </LineMenu>
    </div>
  )
}
