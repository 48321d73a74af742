'use client'
import { Tabs } from '@base-ui/react/tabs'
import { cleanName, MAX_NAME_CODE_POINTS } from '@patchbay/protocol'
import { ArrowRight } from 'lucide-react'
import Link from 'next/link'
import { useRouter } from 'next/navigation'
import { useTranslations } from 'next-intl'
import { type FormEvent, type ReactNode, useState } from 'react'
import { rememberedName, rememberName, rememberTitle } from '@/lib/identity'
import { createRoomId, readInvite, roomPath } from '@/lib/room-link'
import { useHydrated } from '@/lib/use-hydrated'
import { Button, buttonClass } from './ui/button'
import { TextField } from './ui/field'

type Tab = 'create' | 'join'

/** Who you are, and which room. @param left the room just left, to go back into. */
export function LandingForm({ left }: { readonly left: string | undefined }): ReactNode {
  const t = useTranslations('Landing')
  const router = useRouter()
  const hydrated = useHydrated()
  const [typedName, setName] = useState<string>()
  const [tab, setTab] = useState<Tab>('create')
  const [title, setTitle] = useState('')
  const [code, setCode] = useState('')
  const [errors, setErrors] = useState<{ readonly name?: string; readonly code?: string }>({})
  const name = typedName ?? (hydrated ? rememberedName() : '')
  const leftRoom = left === undefined ? undefined : readInvite(left)

  const submit = (event: FormEvent) => {
    event.preventDefault()
    const clean = cleanName(name)
    const room = tab === 'create' ? createRoomId(title) : readInvite(code)
    const found = {
      ...(clean === '' && { name: t('nameMissing') }),
      ...(room === undefined && { code: t('codeMissing') }),
    }
    setErrors(found)
    if (room === undefined || clean === '') return
    rememberName(clean)
    const cleanTitle = cleanName(title)
    if (tab === 'create' && cleanTitle !== '') rememberTitle(room, cleanTitle)
    router.push(roomPath(room))
  }

  return (
    <section className="grid gap-4">
      {leftRoom !== undefined && (
        <p
          role="status"
          className="flex items-center justify-between gap-3 rounded-2xl bg-brass-wash px-4 py-3 text-sm"
        >
          {t('left')}
          <Link href={roomPath(leftRoom)} className={buttonClass({ look: 'plain' }, 'h-9')}>
            {t('rejoin')}
          </Link>
        </p>
      )}
      <form
        noValidate
        onSubmit={submit}
        className="grid gap-5 rounded-3xl border border-line bg-panel p-6 shadow-[0_1px_2px_rgb(0_0_0/0.04),0_12px_40px_-16px_rgb(0_0_0/0.18)] sm:p-7"
      >
        <TextField
          name="name"
          label={t('nameLabel')}
          placeholder={t('namePlaceholder')}
          autoComplete="nickname"
          maxLength={2 * MAX_NAME_CODE_POINTS}
          value={name}
          onChange={(event) => setName(event.target.value)}
          error={errors.name}
        />
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
          <Tabs.Panel value="create" tabIndex={-1}>
            <TextField
              name="title"
              label={t('titleLabel')}
              placeholder={t('titlePlaceholder')}
              autoComplete="off"
              maxLength={2 * MAX_NAME_CODE_POINTS}
              value={title}
              onChange={(event) => setTitle(event.target.value)}
            />
          </Tabs.Panel>
          <Tabs.Panel value="join" tabIndex={-1}>
            <TextField
              name="code"
              label={t('codeLabel')}
              placeholder={t('codePlaceholder')}
              autoComplete="off"
              autoCapitalize="none"
              spellCheck={false}
              value={code}
              onChange={(event) => setCode(event.target.value)}
              error={errors.code}
            />
          </Tabs.Panel>
        </Tabs.Root>
        <Button type="submit" look="primary" size="large">
          {tab === 'create' ? t('create') : t('join')}
          <ArrowRight className="size-5" aria-hidden />
        </Button>
      </form>
    </section>
  )
}
