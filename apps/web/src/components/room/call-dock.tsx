'use client'
import type { DeviceSource, SourceState } from '@patchbay/core/mesh'
import { useDeviceSelect, useLocalMedia } from '@patchbay/react'
import { ChevronUp, LoaderCircle, Mic, MicOff, MonitorUp, MonitorX, PhoneOff, Video, VideoOff } from 'lucide-react'
import { useTranslations } from 'next-intl'
import { type ReactNode, useCallback, useState } from 'react'
import { canCover, useBackground } from '@/lib/background/background'
import { rememberDevice } from '@/lib/devices'
import { laterCode } from '@/lib/later-code'
import { useDeviceChoices } from '@/lib/use-device-choices'
import { useHydrated } from '@/lib/use-hydrated'
import { Button } from '../ui/button'
import { DockLabel, dockButton } from '../ui/dock-label'
import { Hint } from '../ui/hint'
import { MenuButton } from '../ui/menu'
import { OpenedDialog } from '../ui/opened-dialog'
import { HandButton } from './hand-button'
import { ReactionButton } from './reaction-button'
import { CallSettings, SettingsButton } from './settings-button'
import { ShortcutList } from './shortcut-list'
import { useCallKeys } from './use-call-keys'
import { useCameraFlip } from './use-camera-flip'
import { useMediaNotices } from './use-media-notices'
import { useNoiseSwitch } from './use-noise-switch'
import { ViewMenu } from './view-menu'

/** Controls for microphone, camera, screen, hand, reactions, view and settings, and the leave button. */
export function CallDock(props: {
  readonly title: string
  /** Whether the room has a key. */
  readonly isSealed: boolean
  readonly onLeave: () => void
  /** Begins or ends a recording; `undefined` where the browser cannot record. */
  readonly onRecord: (() => void) | undefined
}): ReactNode {
  const { title, isSealed, onLeave, onRecord } = props
  const Attendant = laterCode.useLoaded()?.Attendant
  const t = useTranslations()
  const [opened, setOpened] = useState<'keys' | 'settings' | 'quality' | 'background'>()
  const close = useCallback(() => setOpened(undefined), [])
  const QualityPanel = laterCode.use(opened === 'quality')?.QualityPanel
  const BackgroundField = laterCode.use(opened === 'background')?.BackgroundField
  useMediaNotices()
  useCallKeys(() => setOpened('keys'))
  return (
    <footer className="shrink-0 border-t border-line bg-panel">
      {Attendant !== undefined && <Attendant title={title} isSealed={isSealed} onLeave={onLeave} />}
      <div className="flex flex-wrap items-center justify-center gap-1.5 px-2 max-[26rem]:gap-1 max-[23rem]:gap-0.5 pt-2.5 pb-[max(0.625rem,env(safe-area-inset-bottom))] sm:gap-2 sm:px-4 sm:pt-2 sm:pb-[max(0.5rem,env(safe-area-inset-bottom))] short:pt-1 short:pb-[max(0.25rem,env(safe-area-inset-bottom))]">
        <SourceControl source="microphone" onBackground={undefined} />
        <SourceControl source="camera" onBackground={() => setOpened('background')} />
        <ScreenButton />
        <HandButton />
        <ReactionButton />
        <ViewMenu
          onRecord={onRecord}
          onKeys={() => setOpened('keys')}
          onSettings={() => setOpened('settings')}
          onQuality={() => setOpened('quality')}
        />
        <div className="contents max-sm:hidden">
          <SettingsButton />
        </div>
        <Hint text={t('Room.leave')}>
          <Button
            look="danger"
            size="dock"
            onClick={onLeave}
            className={`${dockButton} sm:ms-2`}
            aria-label={t('Room.leave')}
          >
            <DockLabel icon={PhoneOff} label={t('Room.leave')} />
          </Button>
        </Hint>
      </div>
      <OpenedDialog open={opened === 'keys'} onClose={close} title={t('Keys.title')}>
        <ShortcutList />
      </OpenedDialog>
      <OpenedDialog open={opened === 'quality'} onClose={close} title={t('Quality.title')}>
        {QualityPanel !== undefined && <QualityPanel />}
      </OpenedDialog>
      <OpenedDialog open={opened === 'background'} onClose={close} title={t('Background.title')}>
        {BackgroundField !== undefined && <BackgroundField isTitled />}
      </OpenedDialog>
      <OpenedDialog open={opened === 'settings'} onClose={close} title={t('Settings.title')}>
        <CallSettings />
      </OpenedDialog>
    </footer>
  )
}

/** Button to share a screen, where the browser supports it (phones do not). */
function ScreenButton(): ReactNode {
  const t = useTranslations('Media')
  const media = useLocalMedia()
  const able = useHydrated() && 'getDisplayMedia' in (navigator.mediaDevices ?? {})
  if (!able) return null
  const { status } = media?.state.screen ?? { status: 'off' }
  const action = t(status === 'on' ? 'stopScreen' : 'shareScreen')
  const Icon = status === 'on' ? MonitorX : MonitorUp
  const press = () => void (status === 'on' ? media?.devices.turnOff('screen') : media?.devices.shareScreen())
  return (
    <Hint text={action}>
      <Button
        size="dock"
        look={status === 'on' ? 'off' : 'plain'}
        className={dockButton}
        aria-label={action}
        disabled={media === undefined || status === 'starting'}
        onClick={press}
      >
        <DockLabel
          icon={Icon}
          label={t(status === 'on' ? 'stopSharing' : 'share')}
          labels={[t('share'), t('stopSharing')]}
        />
      </Button>
    </Hint>
  )
}

const icons = { microphone: { on: Mic, off: MicOff }, camera: { on: Video, off: VideoOff } }

/** Message key for the current action of the main button. */
function actionOf(source: DeviceSource, state: SourceState) {
  if (source === 'camera') return state.status === 'on' ? 'turnOffCamera' : 'turnOnCamera'
  if (state.status !== 'on') return 'turnOnMicrophone'
  return state.muted ? 'unmute' : 'mute'
}

function SourceControl(props: {
  readonly source: DeviceSource
  /** Opens the choice of a background. */
  readonly onBackground: (() => void) | undefined
}): ReactNode {
  const { source, onBackground } = props
  const t = useTranslations('Media')
  const behind = useTranslations('Background')
  const background = useBackground()
  const media = useLocalMedia()
  const { source: state, devices, active: deviceId, unnamed, select } = useDeviceSelect(source)
  const active = state.status === 'on' && !(source === 'microphone' && state.muted)
  const action = t(actionOf(source, state))
  const Icon = active ? icons[source].on : icons[source].off
  const choices = useDeviceChoices(devices)
  const press = () => {
    if (media === undefined) return
    if (state.status !== 'on') return void media.devices.turnOn(source)
    if (source === 'microphone') media.devices.setMuted(!state.muted)
    else void media.devices.turnOff(source)
  }
  const turnOff = { key: 'off', label: t('turnOffMicrophone'), act: () => void media?.devices.turnOff('microphone') }
  const flip = useCameraFlip()
  const noise = useNoiseSwitch()
  const actions =
    source === 'camera'
      ? [
          ...(flip === undefined ? [] : [{ key: 'flip', label: t('flipCamera'), act: () => void flip() }]),
          ...(onBackground === undefined || !canCover()
            ? []
            : [{ key: 'background', label: behind('menu', { choice: behind(background) }), act: onBackground }]),
        ]
      : [...(noise === undefined ? [] : [noise]), ...(state.status === 'on' ? [turnOff] : [])]
  const labels = source === 'microphone' ? [t('microphone'), t('mute'), t('unmute')] : [t('camera')]
  const chooser = source === 'camera' ? t('chooseCamera') : t('chooseMicrophone')
  return (
    <div className="flex" role="group" aria-label={t(source)}>
      <Hint text={state.status === 'starting' ? t('starting') : action}>
        <Button
          size="dock"
          look={active ? 'plain' : state.status === 'on' || state.status === 'failed' ? 'off' : 'plain'}
          className={`${dockButton} rounded-e-none`}
          aria-label={action}
          aria-busy={state.status === 'starting'}
          disabled={media === undefined || state.status === 'starting'}
          onClick={press}
        >
          <DockLabel
            icon={state.status === 'starting' ? LoaderCircle : Icon}
            spins={state.status === 'starting'}
            label={labels[state.status === 'on' && source === 'microphone' ? (state.muted ? 2 : 1) : 0] ?? ''}
            labels={labels}
          />
        </Button>
      </Hint>
      <MenuButton
        title={chooser}
        trigger={
          <Button
            size="dock"
            className="min-w-8 rounded-s-none border-s-0 px-1.5 max-[26rem]:min-w-7 max-[26rem]:px-1 max-[23rem]:min-w-6 sm:h-14 short:h-12"
            aria-label={chooser}
          />
        }
        choices={choices}
        value={deviceId}
        onChoose={(id) => {
          rememberDevice(source, id)
          void select(id)
        }}
        empty={t(unnamed ? 'namesLater' : 'noDevices')}
        {...(actions.length > 0 && { actions })}
      >
        <ChevronUp className="size-4" aria-hidden />
      </MenuButton>
    </div>
  )
}
