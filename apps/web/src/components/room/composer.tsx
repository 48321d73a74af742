'use client'
import { MAX_CHAT_LENGTH, type PeerId } from '@patchbay/protocol'
import { SendHorizontal } from 'lucide-react'
import { useTranslations } from 'next-intl'
import { type FormEvent, type KeyboardEvent, type ReactNode, useId, useState } from 'react'
import { Button } from '../ui/button'
import { AttachButton } from './attach-button'

/** Input for messages and files. @param onSend returns whether the text was accepted. */
export function Composer(props: {
  readonly onSend: (text: string) => boolean
  readonly onFiles: (files: readonly File[], to: readonly PeerId[]) => void
}): ReactNode {
  const { onSend, onFiles } = props
  const t = useTranslations('Chat')
  const [text, setText] = useState('')
  const hint = useId()
  const tooLong = text.length > MAX_CHAT_LENGTH
  const submit = (event?: FormEvent) => {
    event?.preventDefault()
    if (text.trim() !== '' && onSend(text.trim())) setText('')
  }
  const onKeyDown = (event: KeyboardEvent) => {
    // While an input method is composing, Enter confirms a candidate.
    if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return
    event.preventDefault()
    submit()
  }
  return (
    <form onSubmit={submit} className="flex items-end gap-2 px-4 pt-2 pb-3">
      <AttachButton onFiles={onFiles} />
      <div className="min-w-0 flex-1">
        <textarea
          aria-label={t('label')}
          aria-describedby={hint}
          aria-invalid={tooLong}
          placeholder={t('placeholder')}
          rows={1}
          value={text}
          onChange={(event) => setText(event.target.value)}
          onKeyDown={onKeyDown}
          className="field-sizing-content block max-h-40 min-h-12 w-full resize-none rounded-2xl border border-line bg-panel px-4 py-3 leading-6 text-ink placeholder:text-soft aria-invalid:border-bad"
        />
        <p
          id={hint}
          className={tooLong ? 'px-1 pt-1 text-sm text-bad' : 'sr-only'}
          role={tooLong ? 'alert' : undefined}
        >
          {tooLong ? t('tooLong', { length: text.length, max: MAX_CHAT_LENGTH }) : t('hint')}
        </p>
      </div>
      <Button
        type="submit"
        look="primary"
        size="icon"
        className="size-12 rounded-2xl"
        aria-label={t('send')}
        disabled={text.trim() === '' || tooLong}
      >
        <SendHorizontal className="size-5" aria-hidden />
      </Button>
    </form>
  )
}
