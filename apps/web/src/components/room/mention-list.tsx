'use client'
import { useTranslations } from 'next-intl'
import { type ReactNode, useEffect, useRef } from 'react'
import { type Mentionable, optionId } from '@/lib/mentions'
import { Avatar } from './avatar'

/** Those who can be mentioned. The focus stays in the text; keys are handled there. */
export function MentionList<T extends Mentionable>(props: {
  readonly id: string
  readonly people: readonly T[]
  /** Index of the one that Enter chooses. */
  readonly active: number
  readonly onChoose: (person: T) => void
}): ReactNode {
  const { id, people, active, onChoose } = props
  const t = useTranslations('Chat')
  const option = useRef<HTMLDivElement>(null)
  useEffect(() => {
    // Newer browsers return a promise, which is not a clean-up.
    option.current?.scrollIntoView({ block: 'nearest' })
  }, [active])
  return (
    <div
      id={id}
      role="listbox"
      aria-label={t('mention')}
      // A press must not take the focus out of the text.
      onPointerDown={(event) => event.preventDefault()}
      className="absolute inset-x-[min(1rem,4vw)] bottom-full z-20 max-h-48 max-w-sm overflow-y-auto rounded-xl border border-line bg-panel p-1.5 text-sm shadow-lg"
    >
      {people.map((person, index) => (
        // Keys are handled in the text.
        // oxlint-disable-next-line jsx-a11y/click-events-have-key-events
        <div
          key={person.id}
          id={optionId(id, index)}
          ref={index === active ? option : undefined}
          role="option"
          aria-selected={index === active}
          tabIndex={-1}
          onClick={() => onChoose(person)}
          className="flex min-h-10 cursor-default items-center gap-2 rounded-lg px-2 py-1 select-none aria-selected:bg-sunken"
        >
          <Avatar name={person.name} seed={person.id} className="size-7 text-sm" />
          <bdi className="min-w-0 truncate">{person.name}</bdi>
        </div>
      ))}
    </div>
  )
}
