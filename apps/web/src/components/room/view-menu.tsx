'use client'
import { LayoutGrid, SquareUser } from 'lucide-react'
import { useTranslations } from 'next-intl'
import type { ReactNode } from 'react'
import { chooseLayout, hideSelf, useStageChoice } from '@/lib/stage-choice'
import type { StageLayout } from '@/lib/stage-plan'
import { Button } from '../ui/button'
import { MenuButton } from '../ui/menu'

/** How the stage is arranged, and whether one's own picture is on it. */
export function ViewMenu(): ReactNode {
  const t = useTranslations('Stage')
  const { layout, hidesSelf } = useStageChoice()
  const Icon = layout === 'grid' ? LayoutGrid : SquareUser
  return (
    <MenuButton<StageLayout>
      title={t('view')}
      trigger={<Button size="dock" look="ghost" aria-label={t('view')} />}
      choices={[
        { value: 'grid', label: t('grid') },
        { value: 'speaker', label: t('speaker') },
      ]}
      value={layout}
      onChoose={chooseLayout}
      actions={[{ key: 'self', label: t(hidesSelf ? 'showSelf' : 'hideSelf'), act: () => hideSelf(!hidesSelf) }]}
    >
      <Icon className="size-5" aria-hidden />
    </MenuButton>
  )
}
