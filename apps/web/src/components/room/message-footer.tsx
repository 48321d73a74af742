'use client'
import type { MessageEntry } from '@patchbay/core/conversation'
import { usePeers } from '@patchbay/react'
import { useFormatter, useTranslations } from 'next-intl'
import type { ReactNode } from 'react'
import { unreceived } from '@/lib/log-entries'
import type { MessageActions } from './message-menu'

/** The emoji on a message: who put them there, and a button to join in or take one's own back. */
export function Reactions(props: {
  readonly message: MessageEntry
  readonly self: string
  readonly actions: MessageActions
}): ReactNode {
  const { message, self, actions } = props
  const t = useTranslations('Chat')
  const format = useFormatter()
  if (message.reactions.length === 0) return null
  return (
    <ul className="flex flex-wrap gap-1 pt-1" aria-label={t('reactions')}>
      {message.reactions.map(({ emoji, by }) => (
        <li key={emoji}>
          <button
            type="button"
            aria-pressed={by.some(({ id }) => id === self)}
            aria-label={t('reactedBy', { emoji, names: format.list(by.map(({ name }) => name)) })}
            title={format.list(by.map(({ name }) => name))}
            onClick={() => actions.react(message.key, emoji)}
            className="inline-flex h-7 items-center gap-1 rounded-full border border-line bg-panel px-2 text-sm hover:bg-sunken aria-pressed:border-brass aria-pressed:bg-brass-wash"
          >
            {emoji} <span className="text-xs text-soft">{by.length}</span>
          </button>
        </li>
      ))}
    </ul>
  )
}

/** Most names of readers that are shown; of more, the number is. */
const MAX_NAMES = 2

/** Whom one's own message has reached. @param kept whoever comes later gets it. */
export function Receipt({ message, kept }: { readonly message: MessageEntry; readonly kept: boolean }): ReactNode {
  const t = useTranslations('Chat')
  const format = useFormatter()
  const peers = usePeers()
  const { received, read } = message
  const names = read.map((id) => peers.find(({ info }) => info.id === id)?.info.name)
  const say = () => {
    if (received.length === 0) return t(unreceived(message, { kept, isAlone: peers.length === 0 }))
    if (read.length === 0) return t('received', { count: received.length })
    const isNamed = names.length <= MAX_NAMES && names.every((name) => name !== undefined)
    return isNamed ? t('readBy', { names: format.list(names) }) : t('read', { count: read.length })
  }
  return (
    // Not announced: it changes while others read.
    <p aria-live="off" className="text-xs text-soft" data-testid="receipt">
      {say()}
    </p>
  )
}
