'use client'
import { LayoutGrid, SquareUser } from 'lucide-react'
import { useTranslations } from 'next-intl'
import type { ReactNode } from 'react'
import { chooseLayout, hideSelf, useStageChoice } from '@/lib/stage-choice'
import type { StageLayout } from '@/lib/stage-plan'
import { Button } from '../ui/button'
import { DockLabel, dockButton } from '../ui/dock-label'
import { MenuButton } from '../ui/menu'

/** How the stage is arranged, whether one's own picture is on it, and what has no button of its own. */
export function ViewMenu(props: { readonly onKeys: () => void; readonly onSettings: () => void }): ReactNode {
  const t = useTranslations('Stage')
  const settings = useTranslations('Settings')
  const keys = useTranslations('Keys')
  const { layout, hidesSelf } = useStageChoice()
  const Icon = layout === 'grid' ? LayoutGrid : SquareUser
  return (
    <MenuButton<StageLayout>
      title={t('view')}
      trigger={<Button size="dock" look="ghost" className={dockButton} aria-label={t('view')} />}
      choices={[
        { value: 'grid', label: t('grid') },
        { value: 'speaker', label: t('speaker') },
      ]}
      value={layout}
      onChoose={chooseLayout}
      actions={[
        { key: 'self', label: t(hidesSelf ? 'showSelf' : 'hideSelf'), act: () => hideSelf(!hidesSelf) },
        // The only way to them on a phone, where the dock has no room for a button.
        { key: 'settings', label: settings('title'), act: props.onSettings },
        { key: 'keys', label: keys('title'), act: props.onKeys },
      ]}
    >
      <DockLabel icon={Icon} label={t('view')} />
    </MenuButton>
  )
}
