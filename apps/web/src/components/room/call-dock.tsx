'use client'
import type { DeviceSource, LocalDevices, SourceState } from '@patchbay/core/mesh'
import { useDeviceSelect, useLocalMedia } from '@patchbay/react'
import { ChevronUp, LoaderCircle, Mic, MicOff, MonitorUp, MonitorX, PhoneOff, Video, VideoOff } from 'lucide-react'
import { useTranslations } from 'next-intl'
import { type ReactNode, useCallback, useState } from 'react'
import { canCover, useBackground } from '@/lib/background/background'
import { isActive } from '@/lib/is-active'
import { laterCode } from '@/lib/later-code'
import { useDeviceChoices } from '@/lib/use-device-choices'
import { useHydrated } from '@/lib/use-hydrated'
import { Button } from '../ui/button'
import { DockLabel, dockButton } from '../ui/dock-label'
import { MenuButton } from '../ui/menu'
import type { MenuAction } from '../ui/popup-props'
import { type CallDialog, CallDialogs } from './call-dialogs'
import { HandButton } from './hand-button'
import { ReactionButton } from './reaction-button'
import { SettingsButton } from './settings-button'
import { useCallKeys } from './use-call-keys'
import { useCameraFlip } from './use-camera-flip'
import { useChooseDevice } from './use-choose-device'
import { useFloat } from './use-float'
import { useMediaNotices } from './use-media-notices'
import { useNoiseSwitch } from './use-noise-switch'
import { VIEW_BUTTON_ID, ViewMenu } from './view-menu'

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
  const [opened, setOpened] = useState<CallDialog>()
  const [opener, setOpener] = useState<HTMLElement | null>(null)
  /** @param button id of the one whose menu it was chosen in. */
  const open = (dialog: CallDialog, button?: string) => {
    setOpener(button === undefined ? null : document.getElementById(button))
    setOpened(dialog)
  }
  const close = useCallback(() => setOpened(undefined), [])
  useMediaNotices()
  const float = useFloat()
  useCallKeys({ onHelp: () => open('keys'), onTrace: () => open('trace'), onFloat: float?.toggle })
  return (
    <footer className="shrink-0 border-t border-line bg-panel">
      {Attendant !== undefined && (
        <Attendant title={title} isSealed={isSealed} onLeave={onLeave} onCaptions={() => open('captions')} />
      )}
      <div className="flex flex-wrap items-center justify-center gap-1.5 px-2 max-[26rem]:gap-1 max-[23rem]:gap-0.5 pt-2.5 pb-[max(0.625rem,env(safe-area-inset-bottom))] sm:gap-2 sm:px-4 sm:pt-2 sm:pb-[max(0.5rem,env(safe-area-inset-bottom))] short:pt-1 short:pb-[max(0.25rem,env(safe-area-inset-bottom))]">
        <SourceControl source="microphone" onBackground={undefined} />
        <SourceControl source="camera" onBackground={() => open('background', chooserId('camera'))} />
        <ScreenButton />
        <HandButton />
        <ReactionButton />
        <ViewMenu
          onRecord={onRecord}
          float={float}
          onKeys={() => open('keys', VIEW_BUTTON_ID)}
          onSettings={() => open('settings', VIEW_BUTTON_ID)}
          onQuality={() => open('quality', VIEW_BUTTON_ID)}
          onCaptions={() => open('captions', VIEW_BUTTON_ID)}
        />
        <div className="contents max-sm:hidden">
          <SettingsButton />
        </div>
        <Button
          data-hint={t('Room.leave')}
          look="danger"
          size="dock"
          onClick={onLeave}
          className={`${dockButton} sm:ms-2`}
          aria-label={t('Room.leave')}
        >
          <DockLabel icon={PhoneOff} label={t('Room.leave')} />
        </Button>
      </div>
      <CallDialogs opened={opened} opener={opener} onOpen={setOpened} onClose={close} />
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
    <Button
      data-hint={action}
      size="dock"
      look={status === 'on' ? 'off' : 'plain'}
      className={dockButton}
      aria-label={action}
      disabled={media === undefined}
      isBusy={status === 'starting'}
      onClick={press}
    >
      <DockLabel
        icon={Icon}
        label={t(status === 'on' ? 'stopSharing' : 'share')}
        labels={[t('share'), t('stopSharing')]}
      />
    </Button>
  )
}

/** Icons of devices that are on, and off. */
export const icons = { microphone: { on: Mic, off: MicOff }, camera: { on: Video, off: VideoOff } }

/** Message key for what {@link pressSource} does. */
export function actionOf(source: DeviceSource, state: SourceState) {
  if (source === 'camera') return state.status === 'on' ? 'turnOffCamera' : 'turnOnCamera'
  if (state.status !== 'on') return 'turnOnMicrophone'
  return state.muted ? 'unmute' : 'mute'
}

/** Turns a device on or off; a microphone that is on is muted or unmuted. */
export function pressSource(devices: LocalDevices, source: DeviceSource, state: SourceState): void {
  if (state.status !== 'on') void devices.turnOn(source)
  else if (source === 'microphone') devices.setMuted(!state.muted)
  else void devices.turnOff(source)
}

/** Id of the button that opens the menu of a device. */
const chooserId = (source: DeviceSource) => `choose-${source}`

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
  const { source: state, devices, active: deviceId, unnamed } = useDeviceSelect(source)
  const choose = useChooseDevice()
  const active = isActive(state)
  const action = t(actionOf(source, state))
  const Icon = active ? icons[source].on : icons[source].off
  const choices = useDeviceChoices(devices)
  const press = () => media && pressSource(media.devices, source, state)
  const turnOff = { key: 'off', label: t('turnOffMicrophone'), act: () => void media?.devices.turnOff('microphone') }
  const flip = useCameraFlip()
  const noise = useNoiseSwitch()
  const actions: MenuAction[] = []
  if (source === 'camera') {
    if (flip !== undefined) actions.push({ key: 'flip', label: t('flipCamera'), act: () => void flip() })
    const label = behind('menu', { choice: behind(background) })
    if (onBackground !== undefined && canCover())
      actions.push({ key: 'background', label, act: onBackground, focusAfter: () => false })
  } else {
    if (noise !== undefined) actions.push(noise)
    if (state.status === 'on') actions.push(turnOff)
  }
  const labels = source === 'microphone' ? [t('microphone'), t('mute'), t('unmute')] : [t('camera')]
  const chooser = source === 'camera' ? t('chooseCamera') : t('chooseMicrophone')
  return (
    <div className="flex" role="group" aria-label={t(source)}>
      <Button
        data-hint={state.status === 'starting' ? t('starting') : action}
        size="dock"
        look={active ? 'plain' : state.status === 'on' || state.status === 'failed' ? 'off' : 'plain'}
        className={`${dockButton} rounded-e-none`}
        aria-label={action}
        disabled={media === undefined}
        isBusy={state.status === 'starting'}
        onClick={press}
      >
        <DockLabel
          icon={state.status === 'starting' ? LoaderCircle : Icon}
          spins={state.status === 'starting'}
          label={labels[state.status === 'on' && source === 'microphone' ? (state.muted ? 2 : 1) : 0] ?? ''}
          labels={labels}
        />
      </Button>
      <MenuButton
        title={chooser}
        trigger={
          <Button
            size="dock"
            className="min-w-8 rounded-s-none border-s-0 px-1.5 max-[26rem]:min-w-7 max-[26rem]:px-1 max-[23rem]:min-w-6 sm:h-14 short:h-12"
            id={chooserId(source)}
            aria-label={chooser}
          />
        }
        choices={choices}
        value={deviceId}
        onChoose={(id) => void (media && choose(media.devices, source, id))}
        empty={t(unnamed ? 'namesLater' : 'noDevices')}
        {...(actions.length > 0 && { actions })}
      >
        <ChevronUp className="size-4" aria-hidden />
      </MenuButton>
    </div>
  )
}
