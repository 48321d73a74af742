'use client'
import type { MessageEntry } from '@patchbay/core/conversation'
import type { MessageLink, PeerId } from '@patchbay/protocol'
import { useConversation, useFiles, usePeers, useRoom } from '@patchbay/react'
import { ArrowDown, MessagesSquare, Search } from 'lucide-react'
import { useTranslations } from 'next-intl'
import { type PointerEvent, type ReactNode, useMemo, useRef, useState } from 'react'
import type { Invite } from '@/lib/invite'
import { laterCode } from '@/lib/later-code'
import type { LogEntry } from '@/lib/log-entries'
import { hasScreenKeyboard } from '@/lib/screen-keyboard'
import { isIn } from '@/lib/visit'
import { site } from '@/site'
import { Button } from '../ui/button'
import { Composer, type Target } from './composer'
import { InviteCard } from './invite-card'
import { MessageLog, type MessageLogHandle } from './message-log'
import type { MessageActions } from './message-menu'
import { TypingLine } from './typing-line'
import { useFileDrop } from './use-file-drop'
import { useLog } from './use-log'
import { useOffer } from './use-offer'
import { useUnread } from './use-unread'

/** The chat log and the composer. @param alone nobody else is in the room, or that is not known yet. */
export function ChatPanel(props: {
  readonly alone: boolean
  /** Name and id of this person. */
  readonly name: string
  readonly self: string
  readonly invite: Invite
}): ReactNode {
  const { alone, name, self, invite } = props
  const t = useTranslations('Chat')
  const room = useTranslations('Room')
  const files = useTranslations('Files')
  const { state, conversation } = useConversation()
  const { typing } = state
  const entries = useLog(state.entries, name)
  const hasFiles = useFiles().transfers.length > 0
  const peers = usePeers()
  const isJoined = isIn(useRoom(), peers.length)
  const offer = useOffer()
  const dropping = useFileDrop((dropped) => void offer(dropped))
  const scroller = useRef<HTMLDivElement>(null)
  const input = useRef<HTMLTextAreaElement>(null)
  const log = useRef<MessageLogHandle>(null)
  const { unread, firstUnread, onScroll, onAct, leaveEnd, look, toEnd } = useUnread(entries, self, scroller, () =>
    conversation?.markRead(),
  )
  const [chosen, setTarget] = useState<Target>()
  // A message that has been deleted is not edited; what was written as an answer to it stays one.
  const isGone = chosen?.kind === 'edit' && !entries.some((entry) => hasText(entry, chosen.message.key))
  const target = isGone ? undefined : chosen
  const [isSearching, setSearching] = useState(false)
  const SearchBar = laterCode.use(isSearching)?.SearchBar
  const QuestionBar = laterCode.use(hasFiles)?.QuestionBar
  const ShareTargetBar = laterCode.useLoaded()?.ShareTargetBar
  const [playing, setPlaying] = useState<readonly string[]>([])
  const [found, setFound] = useState<string>()
  const hasMessages = entries.some(({ kind }) => kind === 'message' || kind === 'file')
  const lastOwn = entries.findLast(isOwn)
  const actions = useMemo<MessageActions>(
    () => ({
      reply: (message) => setTarget({ kind: 'reply', message }),
      edit: (message) => setTarget({ kind: 'edit', message }),
      remove: (key) => conversation?.delete(key),
      react: (key, emoji) => conversation?.react(key, emoji),
      show: (key) => {
        leaveEnd()
        log.current?.show(key)
      },
      playing: (key, isPlaying) =>
        setPlaying((others) => [...others.filter((other) => other !== key), ...(isPlaying ? [key] : [])]),
      log: () => scroller.current,
      composer: () => input.current,
    }),
    [conversation, leaveEnd],
  )
  const onSend = (text: string, mentions: readonly PeerId[], link: MessageLink | undefined) => {
    if (!isJoined || conversation === undefined) return 'apart'
    const outcome =
      target?.kind === 'edit'
        ? conversation.edit(target.message.key, text, { mentions })
        : conversation.send(text, { mentions, link, ...(target !== undefined && { replyTo: target.message.key }) })
    if (outcome !== 'sent') return outcome
    setTarget(undefined)
    if (target?.kind !== 'edit') toEnd()
    return outcome
  }

  // Everything by which a person scrolls.
  const inLog = {
    onScroll,
    onWheel: onAct,
    onTouchMove: onAct,
    onPointerDown: onAct,
    onPointerMove: (event: PointerEvent) => event.buttons > 0 && onAct(event),
    onKeyDown: onAct,
    onFocus: onAct,
    tabIndex: 0,
  }
  return (
    <div className="relative flex min-h-0 flex-1 flex-col">
      {SearchBar !== undefined && (
        <SearchBar
          entries={entries}
          onFound={(key) => {
            setFound(key)
            if (key !== undefined) actions.show(key)
          }}
          onClose={() => {
            setSearching(false)
            look()
            input.current?.focus()
          }}
        />
      )}
      {site.features.search && !isSearching && hasMessages && (
        <Button
          look="plain"
          size="icon"
          aria-label={t('search')}
          onClick={() => setSearching(true)}
          className="absolute end-3 top-1.5 z-10 size-8 rounded-full text-soft"
        >
          <Search className="size-4" aria-hidden />
        </Button>
      )}
      {/* Positioned: what is hidden at the end of the log would make the page as long as the log. */}
      {/* A scrollable log must be reachable by keyboard. */}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <div ref={scroller} {...inLog} className="relative min-h-0 flex-1 overflow-y-auto px-4 pt-2 pb-5">
        {!hasMessages && (
          <div className="grid justify-items-center gap-2 px-6 py-10 text-center text-sm leading-relaxed text-soft">
            <MessagesSquare className="size-8 text-brass" aria-hidden />
            {alone && <p className="text-base font-semibold text-ink">{room(isJoined ? 'alone' : 'entering')}</p>}
            <p className="max-w-sm text-pretty">{alone ? room(isJoined ? 'aloneText' : 'enteringText') : t('empty')}</p>
            {alone && isJoined && <InviteCard invite={invite} />}
          </div>
        )}
        <MessageLog
          ref={log}
          scroller={scroller}
          entries={entries}
          playing={playing}
          firstUnread={firstUnread}
          found={found}
          lastOwn={lastOwn?.key}
          self={self}
          kept={invite.history}
          actions={actions}
        />
      </div>
      <div className="relative">
        <TypingLine typing={typing} peers={peers} />
        {unread > 0 && (
          <Button
            look="primary"
            onClick={() => {
              toEnd()
              scroller.current?.focus()
            }}
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
      {ShareTargetBar !== undefined && isJoined && (
        <div className="mx-[min(1rem,4vw)] shrink-0">
          <ShareTargetBar
            isAlone={alone}
            ways={{ say: (text) => conversation?.send(text) ?? 'apart', offer }}
            onClose={() => !hasScreenKeyboard() && input.current?.focus()}
          />
        </div>
      )}
      {QuestionBar !== undefined && <QuestionBar onShow={(key) => actions.show(key)} />}
      <Composer
        input={input}
        target={target}
        onCancel={() => setTarget(undefined)}
        onEditLast={() => lastOwn?.text !== undefined && actions.edit(lastOwn)}
        onTyping={(isTyping) => conversation?.setTyping(isTyping)}
        onFiles={(attached, to) => void offer(attached, to)}
        isReady={isJoined}
        onSend={onSend}
      />
    </div>
  )
}

function hasText(entry: LogEntry, key: string): boolean {
  return entry.kind === 'message' && entry.key === key && entry.text !== undefined
}

function isOwn(entry: LogEntry): entry is MessageEntry {
  return entry.kind === 'message' && entry.from === undefined && entry.text !== undefined
}
