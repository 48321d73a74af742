'use client'
import type { ConversationEntry, MessageEntry } from '@patchbay/core/conversation'
import type { PeerId } from '@patchbay/protocol'
import { useConversation, useFiles, usePeers, useRoom } from '@patchbay/react'
import { ArrowDown, MessagesSquare } from 'lucide-react'
import { useTranslations } from 'next-intl'
import { type ReactNode, useMemo, useRef, useState } from 'react'
import { Button } from '../ui/button'
import { Composer, type Target } from './composer'
import { FileTray } from './file-tray'
import { MessageLog, type MessageLogHandle } from './message-log'
import type { MessageActions } from './message-menu'
import { TypingLine } from './typing-line'
import { useFileDrop } from './use-file-drop'
import { useUnread } from './use-unread'

/**
 * The chat log and the composer. @param alone nobody else is in the room, or that is not known yet. @param kept whoever comes
 * later gets what was said.
 */
export function ChatPanel(props: {
  readonly alone: boolean
  readonly self: string
  readonly kept: boolean
}): ReactNode {
  const { alone, self, kept } = props
  const t = useTranslations('Chat')
  const room = useTranslations('Room')
  const files = useTranslations('Files')
  const { state, conversation } = useConversation()
  const { entries, typing } = state
  const { files: share } = useFiles()
  const peers = usePeers()
  const isJoined = useRoom().status === 'joined'
  const offer = (chosen: readonly File[], to: readonly PeerId[] = peers.map(({ info }) => info.id)) => {
    for (const file of chosen) void share?.offer(file, to)
  }
  const dropping = useFileDrop(offer)
  const scroller = useRef<HTMLDivElement>(null)
  const input = useRef<HTMLTextAreaElement>(null)
  const log = useRef<MessageLogHandle>(null)
  const { unread, firstUnread, onScroll, toEnd } = useUnread(entries, scroller, () => conversation?.markRead())
  const [target, setTarget] = useState<Target>()
  const lastOwn = entries.findLast(isOwn)
  const actions = useMemo<MessageActions>(
    () => ({
      reply: (message) => setTarget({ kind: 'reply', message }),
      edit: (message) => setTarget({ kind: 'edit', message }),
      remove: (key) => conversation?.delete(key),
      react: (key, emoji) => conversation?.react(key, emoji),
      show: (key) => log.current?.show(key),
      composer: () => input.current,
    }),
    [conversation],
  )
  const onSend = (text: string) => {
    if (!isJoined || conversation === undefined) return 'apart'
    const outcome =
      target?.kind === 'edit'
        ? conversation.edit(target.message.key, text)
        : conversation.send(text, target && { replyTo: target.message.key })
    if (outcome !== 'sent') return outcome
    setTarget(undefined)
    if (target?.kind !== 'edit') toEnd()
    return outcome
  }

  return (
    <div className="relative flex min-h-0 flex-1 flex-col">
      {/* A scrollable log must be reachable by keyboard. */}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <div ref={scroller} onScroll={onScroll} tabIndex={0} className="min-h-0 flex-1 overflow-y-auto px-4 pt-2 pb-5">
        {!entries.some((entry) => entry.kind === 'message') && (
          <div className="grid justify-items-center gap-2 px-6 py-10 text-center text-sm leading-relaxed text-soft">
            <MessagesSquare className="size-8 text-brass" aria-hidden />
            {alone && <p className="text-base font-semibold text-ink">{room(isJoined ? 'alone' : 'entering')}</p>}
            <p className="max-w-sm text-pretty">{alone ? room(isJoined ? 'aloneText' : 'enteringText') : t('empty')}</p>
          </div>
        )}
        <MessageLog
          ref={log}
          scroller={scroller}
          entries={entries}
          firstUnread={firstUnread}
          lastOwn={lastOwn?.key}
          self={self}
          kept={kept}
          actions={actions}
        />
      </div>
      <div className="relative">
        <TypingLine typing={typing} peers={peers} />
        {unread > 0 && (
          <Button
            look="primary"
            onClick={toEnd}
            className="absolute bottom-2 left-1/2 h-9 -translate-x-1/2 rounded-full shadow-lg"
          >
            <ArrowDown className="size-4" aria-hidden />
            {t('unread', { count: unread })}
          </Button>
        )}
      </div>
      {dropping && (
        <p className="pointer-events-none absolute inset-3 z-10 grid place-items-center rounded-2xl border-2 border-dashed border-brass bg-panel/90 p-6 text-center font-semibold">
          {files(alone ? 'dropAlone' : 'drop')}
        </p>
      )}
      <FileTray />
      <Composer
        input={input}
        target={target}
        onCancel={() => setTarget(undefined)}
        onEditLast={() => lastOwn?.text !== undefined && actions.edit(lastOwn)}
        onTyping={(isTyping) => conversation?.setTyping(isTyping)}
        onFiles={offer}
        isReady={isJoined}
        onSend={onSend}
      />
    </div>
  )
}

function isOwn(entry: ConversationEntry): entry is MessageEntry {
  return entry.kind === 'message' && entry.from === undefined && entry.text !== undefined
}
