'use client'
import type { DeviceSource } from '@patchbay/core/mesh'
import { type DeviceControl, StreamVideo } from '@patchbay/react'
import { LoaderCircle, Mic, MicOff, Video, VideoOff } from 'lucide-react'
import { useTranslations } from 'next-intl'
import { type ReactNode, useState } from 'react'
import { useCover } from '@/lib/background/background'
import { useCoveredTrial } from '@/lib/background/use-covered-trial'
import { looksAtPerson } from '@/lib/camera-facing'
import { rememberDevice, rememberedDevice } from '@/lib/devices'
import { useMediaFailure } from '@/lib/use-media-failure'
import { Button } from '../ui/button'
import { BackgroundField } from './background-field'
import { CoverFailed } from './cover-failed'
import { DeviceChoice } from './device-choice'
import { LevelMeter } from './level-meter'
import { SpeakerField } from './speaker-field'
import { useChooseDevice } from './use-choose-device'

const sources = ['microphone', 'camera'] as const
const icons = { microphone: [MicOff, Mic], camera: [VideoOff, Video] } as const

/** Devices that can be set up. */
interface SetupProps {
  /** Those that are tried. */
  readonly media: DeviceControl | undefined
  /** The room's own, if there is one: what the others see and hear already. */
  readonly sent?: DeviceControl | undefined
}

/**
 * See oneself, with the buttons that turn camera and microphone on.
 * @param props.isOfRoom `media` is what the room itself gets, which covers the background by itself.
 */
export function Preview(props: SetupProps & { readonly isOfRoom?: boolean }): ReactNode {
  const { media, sent, isOfRoom = false } = props
  const t = useTranslations('Setup')
  const describe = useMediaFailure()
  const shown = sent?.state.camera.status === 'on' ? sent : media
  const isOn = shown?.state.camera.status === 'on'
  useCoveredTrial(isOfRoom ? undefined : media?.devices)
  const background = useTranslations('Background')
  const cover = useCover(isOn ? shown.state.stream : undefined)
  return (
    <div className="grid gap-3">
      <div className="relative grid aspect-video place-items-center overflow-hidden rounded-2xl bg-[#2b2723] text-white">
        {isOn && (cover === undefined || cover.status === 'shown') ? (
          <StreamVideo
            stream={cover?.stream ?? shown.state.stream}
            aria-label={t('own')}
            className={`absolute inset-0 size-full object-contain ${looksAtPerson(shown.state.stream) ? '-scale-x-100' : ''}`}
          />
        ) : (
          <p role="status" className="px-6 pb-12 text-center text-sm text-white/85">
            {cover === undefined ? t('cameraOff') : background(cover.status === 'failed' ? 'notShown' : 'preparing')}
          </p>
        )}
        <div className="absolute inset-x-0 bottom-3 flex justify-center gap-3">
          {sources
            .filter((source) => sent?.state[source].status !== 'on')
            .map((source) => (
              <SourceToggle key={source} source={source} media={media} isTrial={sent !== undefined} />
            ))}
        </div>
      </div>
      {cover?.status === 'failed' && <CoverFailed why={cover.why} />}
      <div role="alert" className="grid gap-1 text-sm text-bad empty:hidden">
        {sources.map((source) => {
          const state = media?.state[source]
          if (state?.status !== 'failed') return null
          const { title, text } = describe(source, state.reason)
          return (
            <p key={source}>
              <strong className="block font-semibold">{title}</strong>
              {text}
            </p>
          )
        })}
      </div>
    </div>
  )
}

function SourceToggle(props: {
  readonly source: DeviceSource
  readonly media: DeviceControl | undefined
  readonly isTrial: boolean
}): ReactNode {
  const { source, media, isTrial } = props
  const t = useTranslations()
  const status = media?.state[source].status
  const isOn = status === 'on'
  const isStarting = status === 'starting'
  const words = {
    microphone: { on: 'Media.turnOnMicrophone', off: 'Media.turnOffMicrophone', trial: 'Setup.tryMicrophone' },
    camera: { on: 'Media.turnOnCamera', off: 'Media.turnOffCamera', trial: 'Setup.tryCamera' },
  } as const
  const { on, off, trial } = words[source]
  const Icon = isStarting ? LoaderCircle : icons[source][isOn ? 1 : 0]
  const label = t(isStarting ? 'Media.starting' : isOn ? off : isTrial ? trial : on)
  return (
    <Button
      look={isOn ? 'primary' : 'plain'}
      className="h-11 gap-2 rounded-full px-4"
      aria-label={label}
      disabled={media === undefined}
      isBusy={isStarting}
      onClick={() => void (isOn ? media?.devices.turnOff(source) : media?.devices.turnOn(source))}
    >
      <Icon className={`size-5 ${isStarting ? 'animate-spin motion-reduce:animate-none' : ''}`} aria-hidden />
      <span aria-hidden className="max-[24rem]:sr-only">
        {t(`Media.${source}`)}
      </span>
    </Button>
  )
}

/** Chooses camera, microphone and speaker, with the microphone's level. */
export function DeviceFields(props: SetupProps): ReactNode {
  const { media, sent } = props
  const t = useTranslations('Setup')
  const hearing = [sent, media].find((one) => one?.state.microphone.status === 'on')
  const [track] = hearing?.state.stream.getAudioTracks() ?? []
  const list = sent ?? media
  return (
    <div className="grid gap-4">
      <DeviceField kind="camera" media={media} sent={sent} />
      <BackgroundField />
      <div className="grid gap-2">
        <DeviceField kind="microphone" media={media} sent={sent} />
        {track === undefined ? <p className="text-xs text-soft">{t('levelLater')}</p> : <LevelMeter track={track} />}
      </div>
      <SpeakerField devices={list?.state.devices.speaker ?? []} />
    </div>
  )
}

function DeviceField(props: SetupProps & { readonly kind: DeviceSource }): ReactNode {
  const { kind, media, sent } = props
  const t = useTranslations('Media')
  const [chosen, setChosen] = useState(() => rememberedDevice(kind))
  const { state } = sent ?? media ?? {}
  const on = [sent, media].map((one) => one?.state[kind]).find((source) => source?.status === 'on')
  const devices = state?.devices[kind] ?? []
  const value = (on?.status === 'on' ? on.deviceId : undefined) ?? chosen ?? ''
  const use = useChooseDevice()
  const choose = (id: string) => {
    setChosen(id)
    // What is in use is remembered when it has changed.
    if (on === undefined) rememberDevice(kind, id)
    for (const one of [sent, media]) {
      if (one?.state[kind].status === 'on') void use(one.devices, kind, id)
      else one?.devices.prefer(kind, id)
    }
  }
  return (
    <DeviceChoice
      kind={kind}
      devices={devices}
      value={value}
      onChoose={choose}
      empty={t(state?.unnamed[kind] === true ? 'namesLater' : 'noDevices')}
    />
  )
}
