'use client'
import type { DeviceSource, SourceState } from '@patchbay/core/mesh'
import { useLocalMedia } from '@patchbay/react'
import { ChevronUp, LoaderCircle, Mic, MicOff, MonitorUp, MonitorX, PhoneOff, Video, VideoOff } from 'lucide-react'
import { useTranslations } from 'next-intl'
import type { ReactNode } from 'react'
import { useHydrated } from '@/lib/use-hydrated'
import { Button } from '../ui/button'
import { Hint } from '../ui/hint'
import { MenuButton } from '../ui/menu'
import { CameraSettingsButton } from './camera-settings'
import { useMediaNotices } from './use-media-notices'
import { ViewMenu } from './view-menu'

/** Controls for microphone, camera, screen and settings, and the leave button. */
export function CallDock({ onLeave }: { readonly onLeave: () => void }): ReactNode {
  const t = useTranslations()
  useMediaNotices()
  return (
    <footer className="flex shrink-0 flex-wrap items-center justify-center gap-1.5 border-t border-line bg-panel px-2 max-[23rem]:gap-1 pt-2.5 pb-[max(0.625rem,env(safe-area-inset-bottom))] sm:gap-3 sm:px-4 short:pt-1 short:pb-[max(0.25rem,env(safe-area-inset-bottom))]">
      <SourceControl source="microphone" />
      <SourceControl source="camera" />
      <ScreenButton />
      <ViewMenu />
      <CameraSettingsButton />
      <Hint text={t('Room.leave')}>
        <Button look="danger" size="dock" onClick={onLeave} className="sm:ml-2">
          <PhoneOff className="size-5" aria-hidden />
          <span className="max-sm:sr-only">{t('Room.leave')}</span>
        </Button>
      </Hint>
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
        aria-label={action}
        disabled={media === undefined || status === 'starting'}
        onClick={press}
      >
        <Icon className="size-5" aria-hidden />
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

function SourceControl({ source }: { readonly source: DeviceSource }): ReactNode {
  const t = useTranslations('Media')
  const media = useLocalMedia()
  const state: SourceState = media?.state[source] ?? { status: 'off' }
  const active = state.status === 'on' && !(source === 'microphone' && state.muted)
  const action = t(actionOf(source, state))
  const Icon = active ? icons[source].on : icons[source].off
  const choices = (media?.state.devices[source] ?? []).map(({ id, label }, index) => ({
    value: id,
    label: label === '' ? t('unnamed', { number: index + 1 }) : label,
  }))
  const press = () => {
    if (media === undefined) return
    if (state.status !== 'on') return void media.devices.turnOn(source)
    if (source === 'microphone') media.devices.setMuted(!state.muted)
    else void media.devices.turnOff(source)
  }
  const turnOff = { key: 'off', label: t('turnOffMicrophone'), act: () => void media?.devices.turnOff('microphone') }
  const chooser = source === 'camera' ? t('chooseCamera') : t('chooseMicrophone')
  return (
    <div className="flex" role="group" aria-label={t(source)}>
      <Hint text={action}>
        <Button
          size="dock"
          look={active ? 'plain' : state.status === 'on' || state.status === 'failed' ? 'off' : 'plain'}
          className="rounded-r-none"
          aria-label={action}
          aria-busy={state.status === 'starting'}
          disabled={media === undefined || state.status === 'starting'}
          onClick={press}
        >
          {state.status === 'starting' ? (
            <LoaderCircle className="size-5 animate-spin motion-reduce:animate-none" aria-hidden />
          ) : (
            <Icon className="size-5" aria-hidden />
          )}
          <span className="max-sm:hidden">{state.status === 'starting' ? t('starting') : action}</span>
        </Button>
      </Hint>
      <MenuButton
        title={chooser}
        trigger={
          <Button
            size="dock"
            className="min-w-8 rounded-l-none border-l-0 px-1.5 max-[23rem]:min-w-7 max-[23rem]:px-1"
            aria-label={chooser}
          />
        }
        choices={choices}
        value={state.status === 'on' ? state.deviceId : undefined}
        onChoose={(deviceId) => void media?.devices.turnOn(source, deviceId)}
        empty={t(media?.state.unnamed[source] === true ? 'namesLater' : 'noDevices')}
        {...(source === 'microphone' && state.status === 'on' && { actions: [turnOff] })}
      >
        <ChevronUp className="size-4" aria-hidden />
      </MenuButton>
    </div>
  )
}
