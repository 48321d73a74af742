import type { PeerId } from '@patchbay/protocol'
import { usePeers } from '@patchbay/react'
import { type KeyboardEvent, type RefObject, useId, useLayoutEffect, useRef, useState } from 'react'
import { laterCode } from '@/lib/later-code'
import { type EditedMessage, type Mentionable, type MentionQuery, mentionsIn, queryAt } from '@/lib/mentions'

/** The list of people that opens after an `@` in a text. */
export interface Mentions {
  /** The open list: what its component needs. */
  readonly list:
    | {
        readonly id: string
        readonly people: readonly Mentionable[]
        readonly active: number
        readonly onChoose: (person: Mentionable) => void
      }
    | undefined
  /** Where the caret is may have changed. */
  readonly look: () => void
  /** The text has no focus any more. */
  readonly close: () => void
  /** @returns whether the key was for the list. */
  readonly onKeyDown: (event: KeyboardEvent) => boolean
  /** Whom a text means. @param before the message that it replaces. */
  readonly of: (text: string, before?: EditedMessage) => readonly PeerId[]
}

/** Offers the people here after an `@`. */
export function useMentions(
  input: RefObject<HTMLTextAreaElement | null>,
  text: string,
  setText: (text: string) => void,
): Mentions {
  const id = useId()
  const people: readonly Mentionable[] = usePeers().map(({ info }) => info)
  const [query, setQuery] = useState<MentionQuery>()
  const [active, setActive] = useState(0)
  /** Index of the `@` whose list was closed. */
  const [closed, setClosed] = useState<number>()
  const [chosen, setChosen] = useState<ReadonlySet<PeerId>>(new Set())
  // The next message begins with nobody.
  if (text === '' && chosen.size > 0) setChosen(new Set())
  const caret = useRef<number>(undefined)
  const code = laterCode.use(query !== undefined)
  const isOpen = query !== undefined && query.start !== closed && text.startsWith('@', query.start)
  const found = (isOpen ? code?.matching(people, query.typed) : undefined) ?? []

  useLayoutEffect(() => {
    if (caret.current === undefined) return
    input.current?.setSelectionRange(caret.current, caret.current)
    caret.current = undefined
  }, [input, text])

  const onChoose = (person: Mentionable) => {
    if (query === undefined || code === undefined) return
    const next = code.complete(text, query, person.name)
    caret.current = next.caret
    setText(next.text)
    setQuery(undefined)
    setChosen(new Set([...chosen, person.id]))
  }
  const at = Math.min(active, found.length - 1)
  return {
    list: found.length === 0 ? undefined : { id, people: found, active: at, onChoose },
    look() {
      const element = input.current
      if (element === null) return
      const { value, selectionStart, selectionEnd } = element
      const next = selectionStart === selectionEnd ? queryAt(value, selectionStart) : undefined
      if (next?.start !== closed) setClosed(undefined)
      if (next?.start === query?.start && next?.typed === query?.typed) return
      setQuery(next)
      setActive(0)
    },
    close: () => setQuery(undefined),
    onKeyDown(event) {
      const person = found[at]
      if (person === undefined || event.ctrlKey || event.altKey || event.metaKey) return false
      switch (event.key) {
        case 'ArrowDown':
          setActive((at + 1) % found.length)
          break
        case 'ArrowUp':
          setActive((at - 1 + found.length) % found.length)
          break
        case 'Enter':
        case 'Tab':
          if (event.shiftKey) return false
          onChoose(person)
          break
        case 'Escape':
          setClosed(query?.start)
          break
        default:
          return false
      }
      event.preventDefault()
      return true
    },
    of: (sent, before) => mentionsIn(sent, people, new Set([...chosen, ...(before?.mentions ?? [])]), before),
  }
}
