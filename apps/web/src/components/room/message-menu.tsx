'use client'
import type { MessageEntry } from '@patchbay/core/conversation'
import { EllipsisVertical } from 'lucide-react'
import { useTranslations } from 'next-intl'
import type { ReactNode } from 'react'
import { addToast } from '@/lib/toasts'
import { MenuButton } from '../ui/menu'
import { Button } from '../ui/button'

/** What can be done with the entries of the log. The same object as long as the room is open. */
export interface MessageActions {
  reply(message: MessageEntry): void
  edit(message: MessageEntry): void
  remove(key: string): void
  react(key: string, emoji: string): void
  /** Scrolls to an entry. */
  show(key: string): void
  /** Sound or film of an entry begins to play, or stops. */
  playing(key: string, isPlaying: boolean): void
  /** What scrolls the log: gets the focus when what had it is gone. */
  log(): HTMLElement | null
  /** Where the text of a reply or edit is typed. */
  composer(): HTMLElement | null
}

/** What the menu offers to react with. */
const emoji = ['👍', '❤️', '😂', '😮', '😢', '🎉']

/** The button and menu of one message. */
export function MessageMenu(props: {
  readonly message: MessageEntry
  readonly self: string
  readonly actions: MessageActions
}): ReactNode {
  const { message, self, actions } = props
  const t = useTranslations('Chat')
  const mine = message.from === undefined
  const { key, text = '' } = message
  const own = [
    { key: 'edit', label: t('edit'), act: () => actions.edit(message), focusAfter: () => actions.composer() },
    {
      key: 'remove',
      label: t('remove'),
      // The button that the menu belongs to goes with the text.
      act: () => actions.remove(key),
      focusAfter: () => actions.log(),
    },
  ]
  const copy = async () => {
    try {
      // Absent from pages that are not on https or localhost.
      await navigator.clipboard.writeText(text)
    } catch {
      addToast({ title: t('copyFailed'), type: 'error', priority: 'high' })
    }
  }
  const isMine = (one: string) =>
    message.reactions.some((reaction) => reaction.emoji === one && reaction.by.some(({ id }) => id === self))
  return (
    <MenuButton
      title={mine ? t('ownMenu') : t('menu', { name: message.name })}
      toggles={emoji.map((one) => ({
        key: one,
        label: t('reactWith', { emoji: one }),
        face: one,
        isOn: isMine(one),
        act: () => actions.react(key, one),
      }))}
      actions={[
        { key: 'reply', label: t('reply'), act: () => actions.reply(message), focusAfter: () => actions.composer() },
        { key: 'copy', label: t('copy'), act: () => void copy() },
        ...(mine ? own : []),
      ]}
      trigger={
        <Button
          look="ghost"
          size="icon"
          aria-label={mine ? t('ownMenu') : t('menu', { name: message.name })}
          className="h-7 w-8 rounded-lg text-soft opacity-0 group-hover:opacity-100 focus-visible:opacity-100 data-popup-open:opacity-100 pointer-coarse:opacity-100"
        />
      }
    >
      <EllipsisVertical className="size-4" aria-hidden />
    </MenuButton>
  )
}
