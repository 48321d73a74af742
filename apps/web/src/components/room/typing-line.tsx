'use client'
import type { PeerView } from '@patchbay/core/mesh'
import type { PeerId } from '@patchbay/protocol'
import { useTranslations } from 'next-intl'
import type { ReactNode } from 'react'

/** Who is typing, over the last line of the log: it moves nothing. Not announced, because it changes all the time. */
export function TypingLine({
  typing,
  peers,
}: {
  readonly typing: readonly PeerId[]
  readonly peers: readonly PeerView[]
}): ReactNode {
  const t = useTranslations('Chat')
  const names = peers.filter(({ info }) => typing.includes(info.id)).map(({ info }) => info.name)
  const [name] = names
  if (name === undefined) return null
  return (
    <p
      data-testid="typing"
      className="pointer-events-none absolute bottom-0 start-3 max-w-[calc(100%-1.5rem)] truncate rounded-md bg-sunken px-2 text-xs leading-5 text-soft"
    >
      {t('typing', { count: names.length, name })}
    </p>
  )
}
