'use client'
import { useChannel, usePeers } from '@patchbay/react'
import { SmilePlus } from 'lucide-react'
import { useTranslations } from 'next-intl'
import { type ReactNode, useEffect } from 'react'
import * as v from 'valibot'
import { type Emoji, reactionsOffered, showReaction, useSaidReactions } from '@/lib/reactions'
import { site } from '@/site'
import { Button } from '../ui/button'
import { DockLabel, dockButton, nameFor } from '../ui/dock-label'
import { MenuButton } from '../ui/menu'

const options = { schema: v.picklist(reactionsOffered.map(({ emoji }) => emoji)) }

/** Shows everyone an emoji for a moment, over an application channel; pages that do not have it show nothing. */
export function ReactionButton(): ReactNode {
  return site.features.reactions ? <Reactions /> : null
}

function Reactions(): ReactNode {
  const t = useTranslations('Reaction')
  const peers = usePeers()
  const said = useSaidReactions()
  const channel = useChannel<Emoji>('patchbay.reaction', options)
  useEffect(() => channel?.onMessage((emoji, from) => showReaction(from, emoji)), [channel])
  const react = (emoji: Emoji) => {
    showReaction('self', emoji)
    channel?.send(emoji)
  }
  return (
    <>
      <MenuButton
        title={t('title')}
        trigger={<Button size="dock" className={dockButton} aria-label={nameFor(t('button'), t('title'))} />}
        actions={reactionsOffered.map(({ name, emoji }) => ({
          key: name,
          label: (
            <>
              <span className="pe-2 text-xl" aria-hidden>
                {emoji}
              </span>
              {t(name)}
            </>
          ),
          act: () => react(emoji),
        }))}
      >
        <DockLabel icon={SmilePlus} label={t('button')} />
      </MenuButton>
      <div aria-live="polite" className="sr-only">
        {said.map(({ number, who, emoji }) => {
          const name = peers.find(({ info }) => info.id === who)?.info.name
          return name !== undefined && <p key={number}>{t('from', { name, emoji })}</p>
        })}
      </div>
    </>
  )
}
