'use client'
import { useHands } from '@patchbay/react'
import { Hand } from 'lucide-react'
import { useTranslations } from 'next-intl'
import type { ReactNode } from 'react'
import { site } from '@/site'
import { Button } from '../ui/button'
import { DockLabel, dockButton, nameFor } from '../ui/dock-label'

/** Raises this person's hand, or takes it down; nothing where the site has no hands. */
export function HandButton(): ReactNode {
  return site.features.raisedHands ? <OwnHand /> : null
}

function OwnHand(): ReactNode {
  const t = useTranslations('Hand')
  const { own, raise } = useHands()
  const action = t(own ? 'lower' : 'raise')
  return (
    <Button
      data-hint={action}
      size="dock"
      look={own ? 'primary' : 'plain'}
      className={`${dockButton} ${own ? 'border border-brass' : ''}`}
      aria-label={nameFor(t('hand'), t('raise'))}
      aria-pressed={own}
      onClick={() => raise(!own)}
    >
      <DockLabel icon={Hand} label={t('hand')} />
    </Button>
  )
}
