'use client'
import type { MessageEntry } from '@patchbay/core/conversation'
import type { ChatOutcome } from '@patchbay/core/mesh'
import { MAX_CHAT_LENGTH, type MessageLink, type PeerId } from '@patchbay/protocol'
import { Check, SendHorizontal, X } from 'lucide-react'
import { useTranslations } from 'next-intl'
import { type FormEvent, type KeyboardEvent, type ReactNode, type RefObject, useEffect, useId, useState } from 'react'
import { isComposing } from '@/lib/composing'
import { cutText } from '@/lib/cut-text'
import { laterCode } from '@/lib/later-code'
import { optionId } from '@/lib/mentions'
import { useFocusOnArrival } from '@/lib/use-focus-on-arrival'
import { Button } from '../ui/button'
import { AttachButton } from './attach-button'
import { usePlainText } from './message-text'
import { useLinkTitle } from './use-link-title'
import { useMentions } from './use-mentions'

/** What became of a text: see `Conversation.send`; `apart`: this page has not been in the room yet. */
export type SendOutcome = ChatOutcome | 'apart'

/** The message that what is typed answers or replaces. */
export interface Target {
  readonly kind: 'reply' | 'edit'
  readonly message: MessageEntry
}

/** Id of the field for messages. */
export const COMPOSER_ID = 'composer'

/** Input for messages and files. What could not be sent stays in it, and it says why. */
export function Composer(props: {
  readonly input: RefObject<HTMLTextAreaElement | null>
  readonly target: Target | undefined
  readonly onCancel: () => void
  /** Asks to edit the last message of this person. */
  readonly onEditLast: () => void
  readonly onTyping: (isTyping: boolean) => void
  /** @param mentions whom the text means. @param link one in the text, with its title. */
  readonly onSend: (text: string, mentions: readonly PeerId[], link: MessageLink | undefined) => SendOutcome
  /** Whether this page is in the room: what was entered before is sent then. */
  readonly isReady: boolean
  readonly onFiles: (files: readonly File[], to: readonly PeerId[] | undefined) => void
}): ReactNode {
  const { input, target, onCancel, onEditLast, onTyping, onSend, onFiles, isReady } = props
  const t = useTranslations('Chat')
  const edited = target?.kind === 'edit' ? target.message : undefined
  const { text, setText } = useDraft(edited)
  const [outcome, setOutcome] = useState<SendOutcome>('sent')
  const hint = useId()
  const about = useId()
  const mentions = useMentions(input, text, setText)
  const MentionList = laterCode.useLoaded()?.MentionList
  const title = useLinkTitle(text)
  // An edit gives none, and the draft comes back with its own.
  const link = edited === undefined ? title.link : undefined
  const linkTitle = useId()
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
    const next = onSend(text.trim(), mentions.of(text.trim(), edited), link)
    setOutcome(next)
    // The draft comes back when an edit is over.
    if (next === 'sent' && edited === undefined) {
      setText('')
      title.forget()
    }
    // The button cannot be pressed again, and would lose the focus.
    if (event !== undefined) input.current?.focus()
  }
  useEffect(() => {
    if (isReady && outcome === 'apart') submit()
  })
  const cancel = () => {
    onTyping(false)
    onCancel()
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (isComposing(event) || mentions.onKeyDown(event)) return
    if (event.key === 'Escape' && target !== undefined) return cancel()
    if (event.key === 'ArrowUp' && text === '') {
      // Otherwise the cursor would move, in the text that comes.
      event.preventDefault()
      return onEditLast()
    }
    if (event.key !== 'Enter' || event.shiftKey) return
    event.preventDefault()
    submit()
  }
  return (
    <form onSubmit={submit} className="relative shrink-0 px-[min(1rem,4vw)] pt-2 pb-3">
      {MentionList !== undefined && mentions.list !== undefined && <MentionList {...mentions.list} />}
      {target !== undefined && (
        <TargetBar
          id={about}
          target={target}
          onCancel={() => {
            cancel()
            input.current?.focus()
          }}
        />
      )}
      <div role="status">
        {link !== undefined && (
          <AboutBar
            id={linkTitle}
            cancel={t('withoutTitle')}
            onCancel={() => {
              title.forget()
              input.current?.focus()
            }}
          >
            {t('withTitle')} <bdi className="font-semibold text-ink">{link.title}</bdi>
          </AboutBar>
        )}
      </div>
      <div className="flex items-end gap-[min(0.5rem,2vw)]">
        <AttachButton onFiles={onFiles} />
        <div className="min-w-0 flex-1">
          <textarea
            ref={input}
            id={COMPOSER_ID}
            aria-label={t('label')}
            aria-describedby={[...(target ? [about] : []), ...(link ? [linkTitle] : []), hint].join(' ')}
            aria-invalid={tooLong}
            aria-autocomplete="list"
            aria-controls={mentions.list?.id}
            aria-activedescendant={mentions.list && optionId(mentions.list.id, mentions.list.active)}
            placeholder={t('placeholder')}
            rows={1}
            value={text}
            onChange={(event) => {
              const { value } = event.target
              setText(value)
              if (edited === undefined) title.follow(value)
              // Another text, which nobody has asked to send yet.
              setOutcome('sent')
              onTyping(value !== '')
              mentions.look()
            }}
            onPaste={(event) => edited === undefined && title.take(event.clipboardData)}
            onDrop={(event) => edited === undefined && title.take(event.dataTransfer)}
            onSelect={mentions.look}
            onBlur={mentions.close}
            onKeyDown={onKeyDown}
            className="field-sizing-content block max-h-[min(10rem,30dvh)] min-h-12 w-full resize-none rounded-2xl border border-edge bg-panel px-[min(1rem,3vw)] py-3 leading-6 text-ink placeholder:text-soft aria-invalid:border-bad"
          />
          <p
            id={hint}
            // Said with the field, and not once more after it.
            hidden={trouble === undefined}
            className="px-1 pt-1 text-sm text-bad"
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
          aria-label={t(edited === undefined ? 'send' : 'save')}
          disabled={text.trim() === '' || tooLong}
        >
          {edited === undefined ? (
            <SendHorizontal className="size-5 rtl:-scale-x-100" aria-hidden />
          ) : (
            <Check className="size-5" aria-hidden />
          )}
        </Button>
      </div>
    </form>
  )
}

/** What is typed: while a message is edited its text, and before and after that a message of its own. */
function useDraft(edited: MessageEntry | undefined): { text: string; setText: (text: string) => void } {
  const [draft, setDraft] = useState('')
  const [edit, setEdit] = useState({ key: '', text: '' })
  if (edited !== undefined && edit.key !== edited.key) setEdit({ key: edited.key, text: edited.text ?? '' })
  if (edited === undefined && edit.key !== '') setEdit({ key: '', text: '' })
  return edited === undefined
    ? { text: draft, setText: setDraft }
    : { text: edit.text, setText: (text) => setEdit({ key: edited.key, text }) }
}

/** @param props.id of the text: it describes the field, and is said with it. */
function TargetBar(props: { readonly id: string; readonly target: Target; readonly onCancel: () => void }): ReactNode {
  const { id, target, onCancel } = props
  const t = useTranslations('Chat')
  const { kind, message } = target
  const text = usePlainText(message.text ?? '')
  return (
    <AboutBar id={id} cancel={t('cancel')} onCancel={onCancel}>
      <span className="font-semibold text-ink">
        {kind === 'edit' ? t('editing') : t('replying', { name: message.name })}
      </span>{' '}
      <bdi>{cutText(text, 200)}</bdi>
    </AboutBar>
  )
}

/** What is said of the text that is typed, in one line. @param props.cancel name of the button that takes it back. */
function AboutBar(props: {
  readonly id: string
  readonly cancel: string
  readonly onCancel: () => void
  readonly children: ReactNode
}): ReactNode {
  const { id, cancel, onCancel, children } = props
  return (
    <div className="flex items-center gap-2 pb-1.5 text-xs text-soft">
      <p id={id} className="min-w-0 flex-1 truncate border-s-2 border-brass ps-2">
        {children}
      </p>
      <Button look="ghost" size="icon" className="size-7" aria-label={cancel} onClick={onCancel}>
        <X className="size-4" aria-hidden />
      </Button>
    </div>
  )
}
