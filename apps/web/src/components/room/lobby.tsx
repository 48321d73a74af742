'use client'
import type { LocalDevices } from '@patchbay/core/mesh'
import { cleanName, type RoomId } from '@patchbay/protocol'
import { useLocalDevices } from '@patchbay/react'
import { ArrowRight } from 'lucide-react'
import { useFormatter, useTranslations } from 'next-intl'
import { type FormEvent, type ReactNode, useEffect, useRef, useState } from 'react'
import { createDevices } from '@/lib/devices'
import { rememberName } from '@/lib/identity'
import { useFocusOnArrival } from '@/lib/use-focus-on-arrival'
import { type RoomPreview, useRoomPreview } from '@/lib/use-room-preview'
import { SiteHeader } from '../site-header'
import { Button } from '../ui/button'
import { NameField } from '../ui/field'
import { DeviceFields, Preview } from './device-setup'

/** Asks for a name, and shows what the others would see and hear. Whoever wants to chat types a name and presses Enter. */
export function Lobby(props: {
  readonly room: RoomId
  /** @param devices what is on in the preview is on in the room. */
  readonly onJoin: (name: string, devices: LocalDevices) => void
}): ReactNode {
  const t = useTranslations()
  const [error, setError] = useState<string>()
  const [devices, setDevices] = useState<LocalDevices>()
  const isHandedOver = useRef(false)
  const media = useLocalDevices(devices)
  const input = useRef<HTMLInputElement>(null)
  useFocusOnArrival(input)
  useEffect(() => {
    const made = createDevices()
    setDevices(made)
    return () => {
      if (!isHandedOver.current) made.dispose()
    }
  }, [])
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const typed = new FormData(event.currentTarget).get('name')
    const name = typeof typed === 'string' ? cleanName(typed) : ''
    if (name === '') {
      setError(t('Landing.nameMissing'))
      return input.current?.focus()
    }
    if (devices === undefined) return
    rememberName(name)
    isHandedOver.current = true
    props.onJoin(name, devices)
  }
  const preview = useRoomPreview(props.room)
  const { title = '' } = preview ?? {}
  const isSilent = media?.state.camera.status !== 'on' && media?.state.microphone.status !== 'on'
  return (
    <div className="mx-auto flex min-h-dvh max-w-6xl flex-col px-5 sm:px-8">
      <SiteHeader />
      <main className="grid flex-1 content-center py-6">
        <form
          noValidate
          onSubmit={submit}
          className="mx-auto grid w-full max-w-4xl gap-x-8 gap-y-6 rounded-3xl border border-line bg-panel p-5 sm:p-7 md:grid-cols-[minmax(0,3fr)_minmax(0,2fr)]"
        >
          <Preview media={media} />
          <div className="grid content-start gap-5 md:row-span-2">
            <div className="grid gap-2">
              <h1 className="text-2xl font-semibold tracking-tight wrap-anywhere">
                {title === '' ? t('Gate.title') : t('Gate.titled', { title })}
              </h1>
              <PeopleThere preview={preview} />
              <p className="text-sm leading-relaxed text-soft">{t('Gate.text')}</p>
            </div>
            <NameField ref={input} error={error} />
            <Button type="submit" look="primary" size="large">
              {t(isSilent ? 'Gate.joinToChat' : 'Gate.join')}
              <ArrowRight className="size-5 rtl:-scale-x-100" aria-hidden />
            </Button>
          </div>
          <DeviceFields media={media} />
        </form>
      </main>
    </div>
  )
}

/** Names that are shown of those who are in the room. */
const MAX_SHOWN = 3

/** Who is in the room already. */
function PeopleThere({ preview }: { readonly preview: RoomPreview | undefined }): ReactNode {
  const t = useTranslations('Gate')
  const format = useFormatter()
  const { people = 0, names = [] } = preview ?? {}
  const shown = names.slice(0, MAX_SHOWN)
  const others = people - shown.length
  const parts = others > 0 && shown.length > 0 ? [...shown, t('others', { count: others })] : shown
  return (
    // The place is kept while the answer is under way.
    <p role="status" data-testid="people-there" className="min-h-5 text-sm font-medium wrap-anywhere">
      {preview !== undefined &&
        (people === 0
          ? t('nobody')
          : shown.length === 0
            ? t('people', { count: people })
            : t('here', { count: people, names: format.list(parts) }))}
    </p>
  )
}
