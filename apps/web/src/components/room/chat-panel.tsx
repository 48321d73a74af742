'use client'
import type { PeerId } from '@patchbay/protocol'
import { useChat, useFiles, usePeers, useRoom } from '@patchbay/react'
import { ArrowDown, MessagesSquare } from 'lucide-react'
import { useTranslations } from 'next-intl'
import { type ReactNode, useRef } from 'react'
import { Button } from '../ui/button'
import { ChatLine } from './chat-line'
import { Composer } from './composer'
import { FileTray } from './file-tray'
import { useFileDrop } from './use-file-drop'
import { useUnread } from './use-unread'

/** The chat log and the composer. @param alone nobody else is in the room, or that is not known yet. */
export function ChatPanel({ alone, self }: { readonly alone: boolean; readonly self: string }): ReactNode {
  const t = useTranslations('Chat')
  const room = useTranslations('Room')
  const { entries, send } = useChat()
  const files = useTranslations('Files')
  const { files: share } = useFiles()
  const peers = usePeers()
  const isJoined = useRoom().status === 'joined'
  const offer = (chosen: readonly File[], to: readonly PeerId[] = peers.map(({ info }) => info.id)) => {
    for (const file of chosen) void share?.offer(file, to)
  }
  const dropping = useFileDrop(offer)
  const scroller = useRef<HTMLDivElement>(null)
  const { unread, firstUnread, onScroll, toEnd } = useUnread(entries, scroller)

  return (
    <div className="relative flex min-h-0 flex-1 flex-col">
      {/* A scrollable log must be reachable by keyboard. */}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <div ref={scroller} onScroll={onScroll} tabIndex={0} className="min-h-0 flex-1 overflow-y-auto px-4 py-2">
        {!entries.some((entry) => entry.kind === 'message') && (
          <div className="grid justify-items-center gap-2 px-6 py-10 text-center text-sm leading-relaxed text-soft">
            <MessagesSquare className="size-8 text-brass" aria-hidden />
            {alone && <p className="text-base font-semibold text-ink">{room(isJoined ? 'alone' : 'entering')}</p>}
            <p className="max-w-sm text-pretty">{alone ? room(isJoined ? 'aloneText' : 'enteringText') : t('empty')}</p>
          </div>
        )}
        <div role="log" aria-label={t('log')} aria-live="polite">
          <ol className="grid grid-cols-[minmax(0,1fr)] content-start">
            {entries.map((entry, index) => (
              <ChatLine
                key={entry.key}
                entry={entry}
                previous={entries[index - 1]}
                firstUnread={entry.key === firstUnread}
                self={self}
              />
            ))}
          </ol>
        </div>
      </div>
      {unread > 0 && (
        <Button
          look="primary"
          onClick={toEnd}
          className="absolute bottom-22 left-1/2 h-9 -translate-x-1/2 rounded-full shadow-lg"
        >
          <ArrowDown className="size-4" aria-hidden />
          {t('unread', { count: unread })}
        </Button>
      )}
      {dropping && (
        <p className="pointer-events-none absolute inset-3 z-10 grid place-items-center rounded-2xl border-2 border-dashed border-brass bg-panel/90 p-6 text-center font-semibold">
          {files(alone ? 'dropAlone' : 'drop')}
        </p>
      )}
      <FileTray />
      <Composer
        onFiles={offer}
        isReady={isJoined}
        onSend={(text) => {
          if (!isJoined) return 'apart'
          const outcome = send(text)
          if (outcome === 'sent') toEnd()
          return outcome
        }}
      />
    </div>
  )
}
