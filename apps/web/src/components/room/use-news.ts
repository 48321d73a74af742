import type { ConversationEntry } from '@patchbay/core/conversation'
import type { Transfer } from '@patchbay/core/files'
import { useConversation, useFiles, useLocalMedia, usePeers } from '@patchbay/react'
import { useTranslations } from 'next-intl'
import { useEffect, useEffectEvent, useRef } from 'react'
import { type Chime, playChime } from '@/lib/chimes'
import { isActive } from '@/lib/is-active'
import { isAsking } from '@/lib/log-entries'
import { notify } from '@/lib/notices'

/** Sounds of what can happen in the conversation. */
const chimeOf: Readonly<Record<ConversationEntry['kind'], Chime>> = {
  message: 'message',
  joined: 'join',
  back: 'join',
  left: 'leave',
  lost: 'leave',
  cut: 'leave',
}

/**
 * Makes a sound when somebody comes, goes, writes or offers a file, and shows a notice while the page is hidden.
 * @param isSealed names and what is said stay on the page then: the system would keep the text of its notices.
 */
export function useNews(title: string, isSealed: boolean): void {
  const t = useTranslations('Chat')
  const ofFiles = useTranslations('Files')
  const { entries } = useConversation().state
  const { transfers } = useFiles()
  const peers = usePeers()
  const { microphone, stream } = useLocalMedia()?.state ?? {}
  const newest = useRef(entries.at(-1)?.key)
  const offered = useRef<ReadonlySet<string>>(new Set())
  /** Messages and offered files since the page was hidden. */
  const missed = useRef(0)

  const sound = (chime: Chime) => {
    // Sounds are dispensable.
    playChime(chime, isActive(microphone) ? stream?.getAudioTracks()[0] : undefined).catch(() => {})
  }
  const tell = useEffectEvent((entry: ConversationEntry, messages: number) => {
    sound(chimeOf[entry.kind])
    if (entry.kind === 'message') {
      const text =
        isSealed || entry.text === undefined ? t('unread', { count: messages }) : `${entry.name}: ${entry.text}`
      notify({ title, text })
    } else if (entry.kind === 'joined' && !isSealed) {
      notify({ title, text: t.markup('joined', { name: entry.name, bdi: (name) => name }) })
    }
  })
  useEffect(() => {
    const before = newest.current
    newest.current = entries.at(-1)?.key
    const known = entries.findLastIndex(({ key }) => key === before)
    // A log that was cut or replaced has no news.
    if (known === -1 && before !== undefined) return
    const news = entries.slice(known + 1).filter(isNews)
    missed.current += news.filter(({ kind }) => kind === 'message').length
    const last = news.at(-1)
    if (last !== undefined) tell(last, missed.current)
  }, [entries])
  const tellFile = useEffectEvent(({ peer, name: file }: Transfer, messages: number) => {
    sound('message')
    const name = peers.find(({ info }) => info.id === peer)?.info.name
    const isPrivate = isSealed || name === undefined
    notify({ title, text: isPrivate ? t('unread', { count: messages }) : ofFiles('offers', { name, file }) })
  })
  useEffect(() => {
    const before = offered.current
    const asking = transfers.filter(isAsking)
    offered.current = new Set(asking.map(({ key }) => key))
    const news = asking.filter(({ key }) => !before.has(key))
    missed.current += news.length
    const last = news.at(-1)
    if (last !== undefined) tellFile(last, missed.current)
  }, [transfers])
  useEffect(() => {
    const forget = () => void (missed.current = 0)
    document.addEventListener('visibilitychange', forget)
    return () => document.removeEventListener('visibilitychange', forget)
  }, [])
}

/** Whether it was neither said by this person nor before they came. */
function isNews(entry: ConversationEntry): boolean {
  return entry.kind !== 'message' || (entry.from !== undefined && entry.earlier === undefined)
}
