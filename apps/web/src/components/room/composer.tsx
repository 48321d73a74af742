'use client'
import type { ChatOutcome } from '@patchbay/core/mesh'
import { MAX_CHAT_LENGTH, type PeerId } from '@patchbay/protocol'
import { SendHorizontal } from 'lucide-react'
import { useTranslations } from 'next-intl'
import { type FormEvent, type KeyboardEvent, type ReactNode, useEffect, useId, useRef, useState } from 'react'
import { useFocusOnArrival } from '@/lib/use-focus-on-arrival'
import { Button } from '../ui/button'
import { AttachButton } from './attach-button'

/** What became of a text: see `RoomChat.send`; `apart`: this page has not been in the room yet. */
export type SendOutcome = ChatOutcome | 'apart'

/** Input for messages and files. What could not be sent stays in it, and it says why. */
export function Composer(props: {
  readonly onSend: (text: string) => SendOutcome
  /** Whether this page is in the room: what was entered before is sent then. */
  readonly isReady: boolean
  readonly onFiles: (files: readonly File[], to: readonly PeerId[]) => void
}): ReactNode {
  const { onSend, onFiles, isReady } = props
  const t = useTranslations('Chat')
  const [text, setText] = useState('')
  const [outcome, setOutcome] = useState<SendOutcome>('sent')
  const hint = useId()
  const input = useRef<HTMLTextAreaElement>(null)
  useFocusOnArrival(input)
  const tooLong = text.length > MAX_CHAT_LENGTH
  const trouble = tooLong
    ? t('tooLong', { length: text.length, max: MAX_CHAT_LENGTH })
    : outcome === 'sent' || text === ''
      ? undefined
      : t(`not_${outcome}`)
  const submit = (event?: FormEvent) => {
    event?.preventDefault()
    if (text.trim() === '') return
    const next = onSend(text.trim())
    setOutcome(next)
    if (next === 'sent') setText('')
  }
  useEffect(() => {
    if (isReady && outcome === 'apart') submit()
  })
  const onKeyDown = (event: KeyboardEvent) => {
    // While an input method is composing, Enter confirms a candidate.
    if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return
    event.preventDefault()
    submit()
  }
  return (
    <form onSubmit={submit} className="flex shrink-0 items-end gap-[min(0.5rem,2vw)] px-[min(1rem,4vw)] pt-2 pb-3">
      <AttachButton onFiles={onFiles} />
      <div className="min-w-0 flex-1">
        <textarea
          ref={input}
          aria-label={t('label')}
          aria-describedby={hint}
          aria-invalid={tooLong}
          placeholder={t('placeholder')}
          rows={1}
          value={text}
          onChange={(event) => setText(event.target.value)}
          onKeyDown={onKeyDown}
          className="field-sizing-content block max-h-[min(10rem,30dvh)] min-h-12 w-full resize-none rounded-2xl border border-edge bg-panel px-[min(1rem,3vw)] py-3 leading-6 text-ink placeholder:text-soft aria-invalid:border-bad"
        />
        <p
          id={hint}
          className={trouble === undefined ? 'sr-only' : 'px-1 pt-1 text-sm text-bad'}
          role={trouble === undefined ? undefined : 'alert'}
        >
          {trouble ?? t('hint')}
        </p>
      </div>
      <Button
        type="submit"
        look="primary"
        size="icon"
        className="size-[min(3rem,15vw)] rounded-2xl"
        aria-label={t('send')}
        disabled={text.trim() === '' || tooLong}
      >
        <SendHorizontal className="size-5" aria-hidden />
      </Button>
    </form>
  )
}
