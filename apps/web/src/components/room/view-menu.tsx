'use client'
import { useRecordings } from '@patchbay/react'
import { LayoutGrid, SquareUser } from 'lucide-react'
import { useTranslations } from 'next-intl'
import type { ReactNode } from 'react'
import { canNotify, chimes, notices } from '@/lib/call-switches'
import { laterCode } from '@/lib/later-code'
import { chooseLayout, hideSelf, useStageChoice } from '@/lib/stage-choice'
import type { StageLayout } from '@/lib/stage-plan'
import { addToast } from '@/lib/toasts'
import { Button } from '../ui/button'
import { DockLabel, dockButton } from '../ui/dock-label'
import { MenuButton } from '../ui/menu'
import type { Float } from './use-float'

/** Id of the button that opens the menu. */
export const VIEW_BUTTON_ID = 'view'

/** How the stage is arranged, whether one's own picture is on it, and what has no button of its own. */
export function ViewMenu(props: {
  /** Begins or ends a recording; `undefined` where the browser cannot record. */
  readonly onRecord: (() => void) | undefined
  /** Has the call float beside other windows; `undefined` where the browser cannot. */
  readonly float: Float | undefined
  readonly onKeys: () => void
  readonly onSettings: () => void
  readonly onQuality: () => void
  readonly onCaptions: () => void
}): ReactNode {
  const { onRecord, float } = props
  const floating = useTranslations('Float')
  const t = useTranslations('Stage')
  const settings = useTranslations('Settings')
  const keys = useTranslations('Keys')
  const quality = useTranslations('Quality')
  const captions = useTranslations('Captions')
  const { layout, hidesSelf } = useStageChoice()
  const recording = useTranslations('Recording')
  const { own: isRecording } = useRecordings()
  const hasChimes = chimes.use()
  const switchNotices = useNoticeSwitch()
  const Icon = layout === 'grid' ? LayoutGrid : SquareUser
  return (
    <MenuButton<StageLayout>
      title={t('view')}
      trigger={<Button size="dock" look="ghost" id={VIEW_BUTTON_ID} className={dockButton} aria-label={t('view')} />}
      choices={[
        { value: 'grid', label: t('grid') },
        { value: 'speaker', label: t('speaker') },
      ]}
      value={layout}
      onChoose={chooseLayout}
      actions={[
        { key: 'self', label: t(hidesSelf ? 'showSelf' : 'hideSelf'), act: () => hideSelf(!hidesSelf) },
        ...(float === undefined
          ? []
          : [{ key: 'float', label: floating(float.isFloating ? 'back' : 'start'), act: float.toggle }]),
        ...(onRecord === undefined
          ? []
          : [{ key: 'record', label: recording(isRecording ? 'stopLong' : 'start'), act: onRecord }]),
        { key: 'chimes', label: t(hasChimes ? 'chimesOff' : 'chimesOn'), act: () => chimes.turn(!hasChimes) },
        ...(switchNotices === undefined ? [] : [switchNotices]),
        { key: 'captions', label: captions('title'), act: props.onCaptions, focusAfter: () => false },
        // The only way to them on a phone, where the dock has no room for a button.
        { key: 'settings', label: settings('title'), act: props.onSettings, focusAfter: () => false },
        { key: 'quality', label: quality('title'), act: props.onQuality, focusAfter: () => false },
        { key: 'keys', label: keys('title'), act: props.onKeys, focusAfter: () => false },
      ]}
    >
      <DockLabel icon={Icon} label={t('view')} />
    </MenuButton>
  )
}

/** Turns notices of the system on or off; `undefined` where the browser has none. */
function useNoticeSwitch() {
  const t = useTranslations('Notices')
  const app = useTranslations('App')
  const areOn = notices.use()
  if (!canNotify()) return undefined
  const say = (title: string, description?: string) =>
    addToast({ title, ...(description !== undefined && { description }), type: 'error', priority: 'high' })
  const turnOn = async () => {
    const { turnOnNotices } = await laterCode.load()
    const outcome = await turnOnNotices({ title: t('sampleTitle'), text: t('sampleText') })
    if (outcome !== 'on') say(t(outcome), t(outcome === 'denied' ? 'deniedText' : 'impossibleText'))
  }
  return {
    key: 'notices',
    label: t(areOn ? 'turnOff' : 'turnOn'),
    act: () => (areOn ? notices.turn(false) : void turnOn().catch(() => say(app('popupFailed')))),
  }
}
