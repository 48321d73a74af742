'use client'
import { Settings2 } from 'lucide-react'
import { useTranslations } from 'next-intl'
import type { ReactNode } from 'react'
import { laterCode } from '@/lib/later-code'
import { Button } from '../ui/button'
import { DialogButton } from '../ui/dialog'
import { DockLabel, dockButton, nameFor } from '../ui/dock-label'

/** Opens the settings of camera, microphone and speaker. */
export function SettingsButton(): ReactNode {
  const t = useTranslations('Settings')
  return (
    <DialogButton
      trigger={<Button size="dock" look="ghost" className={dockButton} aria-label={nameFor(t('button'), t('title'))} />}
      label={<DockLabel icon={Settings2} label={t('button')} />}
      title={t('title')}
    >
      <CallSettings />
    </DialogButton>
  )
}

/** The settings, once their code is there. */
export function CallSettings(): ReactNode {
  const Fields = laterCode.use(true)?.SettingsFields
  return Fields !== undefined && <Fields />
}
