'use client'
import { Ban, Droplets, ImagePlus } from 'lucide-react'
import { useTranslations } from 'next-intl'
import { type ChangeEvent, type ReactNode, useEffect, useId, useRef, useState, useSyncExternalStore } from 'react'
import {
  type Background,
  backgrounds,
  canCover,
  chooseBackground,
  coverCost,
  useBackground,
} from '@/lib/background/background'
import { ownPicture } from '@/lib/background/own-picture'
import { drawScene, type Scene, scenes } from '@/lib/background/scenes'
import { useHydrated } from '@/lib/use-hydrated'
import { buttonClass } from '../ui/button'

/** Id of the choice. */
export const BACKGROUND_ID = 'backgrounds'

/** Chooses what is seen behind the person; absent where the browser cannot change the camera's picture. */
export function BackgroundField(props: {
  /** What it stands in shows its title already. */
  readonly isTitled?: boolean
}): ReactNode {
  const t = useTranslations('Background')
  const name = useId()
  const chosen = useBackground()
  const own = ownPicture.use()
  if (!useHydrated() || !canCover()) return null
  return (
    <fieldset id={BACKGROUND_ID} className="grid gap-2">
      <legend className={props.isTitled === true ? 'sr-only' : 'mb-1.5 text-sm font-medium'}>{t('title')}</legend>
      <div className="grid grid-cols-[repeat(auto-fill,minmax(5.5rem,1fr))] gap-2">
        {backgrounds
          .filter((each) => each !== 'own' || own !== undefined)
          .map((each) => (
            <label
              key={each}
              className="grid cursor-pointer gap-1 rounded-xl border-2 border-line p-1 text-xs has-checked:border-brass has-checked:font-semibold forced-colors:has-checked:border-[Highlight] has-focus-visible:outline-2 has-focus-visible:outline-offset-2 has-focus-visible:outline-brass"
            >
              <input
                type="radio"
                name={name}
                value={each}
                checked={chosen === each}
                onChange={() => chooseBackground(each)}
                className="sr-only"
              />
              <Sample background={each} own={own} />
              <span className="px-0.5 text-center wrap-anywhere">{t(each)}</span>
            </label>
          ))}
      </div>
      <OwnPictureButton has={own !== undefined} />
      <p className="text-xs leading-relaxed text-soft">{t('text')}</p>
      <Cost />
    </fieldset>
  )
}

function Sample({ background, own }: { readonly background: Background; readonly own: string | undefined }): ReactNode {
  const look = 'grid h-12 w-full place-items-center overflow-hidden rounded-lg bg-sunken object-cover'
  const scene = scenes.find((each) => each === background)
  if (scene !== undefined) return <SceneSample scene={scene} className={look} />
  if (background === 'own') return <img src={own} alt="" className={look} />
  const Icon = background === 'blur' ? Droplets : Ban
  return (
    <span className={look}>
      <Icon className="size-5 text-soft" aria-hidden />
    </span>
  )
}

function SceneSample({ scene, className }: { readonly scene: Scene; readonly className: string }): ReactNode {
  const canvas = useRef<HTMLCanvasElement>(null)
  useEffect(() => {
    const context = canvas.current?.getContext('2d')
    if (context) drawScene(scene, context, context.canvas.width, context.canvas.height)
  }, [scene])
  return <canvas ref={canvas} width={256} height={144} aria-hidden className={className} />
}

/** Takes a picture from a file. */
function OwnPictureButton({ has }: { readonly has: boolean }): ReactNode {
  const t = useTranslations('Background')
  const [isBad, setBad] = useState(false)
  const take = async ({ currentTarget }: ChangeEvent<HTMLInputElement>) => {
    const [file] = currentTarget.files ?? []
    if (file === undefined) return
    try {
      await ownPicture.take(file)
      setBad(false)
      chooseBackground('own')
    } catch {
      setBad(true)
    }
    currentTarget.value = ''
  }
  return (
    <div className="grid justify-items-start gap-1">
      <label
        className={buttonClass(
          {},
          'h-auto min-h-10 max-w-full cursor-pointer py-1.5 whitespace-normal has-focus-visible:outline-2 has-focus-visible:outline-offset-2 has-focus-visible:outline-brass',
        )}
      >
        <input type="file" accept="image/*" onChange={(event) => void take(event)} className="sr-only" />
        <ImagePlus className="size-4 shrink-0" aria-hidden />
        {t(has ? 'otherFile' : 'chooseFile')}
      </label>
      {isBad && (
        <p role="alert" className="text-sm text-bad">
          {t('badFile')}
        </p>
      )}
    </div>
  )
}

/** What it takes of the device while a camera is on. */
function Cost(): ReactNode {
  const t = useTranslations('Background')
  const cost = useSyncExternalStore(coverCost.subscribe, coverCost.getSnapshot, coverCost.getSnapshot)
  if (cost === undefined) return null
  return (
    <p data-testid="background-cost" className="text-sm text-soft">
      {t('cost', { share: cost.share })} {cost.every === 2 && t('slower')}
    </p>
  )
}
