'use client'
import { ChevronDown, ChevronUp, Search, X } from 'lucide-react'
import { useTranslations } from 'next-intl'
import { type KeyboardEvent, type ReactNode, useMemo, useState } from 'react'
import { isComposing } from '@/lib/composing'
import { cutText } from '@/lib/cut-text'
import type { LogEntry } from '@/lib/log-entries'
import { Button } from '../ui/button'
import { usePlainTexts } from './message-text'

/** What is said of a message that is found, in UTF-16 code units. */
const SAID_LENGTH = 160

/** Finds messages and files in the conversation: what is out of sight is not in the document, where a browser would look. */
export function SearchBar(props: {
  readonly entries: readonly LogEntry[]
  /** Shows what was found; `undefined`: none. */
  readonly onFound: (key: string | undefined) => void
  readonly onClose: () => void
}): ReactNode {
  const { entries, onFound, onClose } = props
  const t = useTranslations('Chat')
  const [query, setQuery] = useState('')
  const [shown, setShown] = useState<string>()
  const plain = usePlainTexts(query !== '')
  const holds = useMemo(() => searchIn(plain), [plain])
  const found = useMemo(() => findIn(entries, query, holds), [entries, query, holds])
  const at = found.indexOf(shown ?? '')
  const hit = entries.find(({ key }) => key === found[at])
  const show = (key: string | undefined) => {
    setShown(key)
    onFound(key)
  }
  const search = (next: string) => {
    setQuery(next)
    show(findIn(entries, next, holds)[0])
  }
  const go = (step: 1 | -1) => {
    if (found.length > 0) show(found.at((at + step) % found.length))
  }
  const close = () => {
    onFound(undefined)
    onClose()
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (isComposing(event)) return
    if (event.key === 'Escape') close()
    if (event.key !== 'Enter') return
    event.preventDefault()
    go(event.shiftKey ? -1 : 1)
  }
  return (
    <search className="flex items-center gap-1 border-b border-line px-4 py-1.5">
      <Search className="size-4 shrink-0 text-soft" aria-hidden />
      <input
        type="search"
        // Whoever opens the search is about to type.
        // oxlint-disable-next-line jsx-a11y/no-autofocus
        autoFocus
        aria-label={t('search')}
        placeholder={t('search')}
        value={query}
        onChange={(event) => search(event.target.value)}
        onKeyDown={onKeyDown}
        className="h-9 min-w-0 flex-1 rounded-lg bg-transparent px-2 text-base text-ink placeholder:text-soft"
      />
      <p role="status" className="shrink-0 text-xs text-soft">
        {query.trim() !== '' && (found.length === 0 ? t('notFound') : t('found', { at: at + 1, count: found.length }))}
        {hit !== undefined && (
          <span className="sr-only">
            {' '}
            {hit.name}: {cutText(textOf(hit) ?? '', SAID_LENGTH)}
          </span>
        )}
      </p>
      <Button look="ghost" size="icon" className="size-8" aria-label={t('findOlder')} onClick={() => go(1)}>
        <ChevronUp className="size-4" aria-hidden />
      </Button>
      <Button look="ghost" size="icon" className="size-8" aria-label={t('findNewer')} onClick={() => go(-1)}>
        <ChevronDown className="size-4" aria-hidden />
      </Button>
      <Button look="ghost" size="icon" className="size-8" aria-label={t('closeSearch')} onClick={close}>
        <X className="size-4" aria-hidden />
      </Button>
    </search>
  )
}

type Holds = (entry: LogEntry, wanted: string) => boolean

/** Keys of the messages with that text, and of the files with that name, the newest first. */
function findIn(entries: readonly LogEntry[], query: string, holds: Holds): readonly string[] {
  const wanted = folded(query.trim())
  if (wanted === '') return []
  return entries
    .filter((entry) => holds(entry, wanted))
    .map(({ key }) => key)
    .toReversed()
}

/**
 * Whether a text that is folded is in what was typed, or in what is shown of it. Each message is read once, whatever is searched for.
 * @param plain gives a text without the marks of its Markdown.
 */
function searchIn(plain: (text: string) => string): Holds {
  const known = new WeakMap<LogEntry, readonly string[]>()
  return (entry, wanted) => {
    let texts = known.get(entry)
    if (texts === undefined) {
      const text = textOf(entry) ?? ''
      const title = entry.kind === 'message' ? (entry.link?.title ?? '') : ''
      texts = [folded(text), folded(title), ...(entry.kind === 'message' ? [folded(plain(text))] : [])]
      known.set(entry, texts)
    }
    return texts.some((text) => text.includes(wanted))
  }
}

/** Without what one does not see the difference of: case, and how letters with accents are composed (Unicode UAX #15). */
function folded(text: string): string {
  return text.normalize('NFKC').toLocaleLowerCase()
}

function textOf(entry: LogEntry): string | undefined {
  if (entry.kind === 'file') return entry.fileName
  return entry.kind === 'message' ? entry.text : undefined
}
