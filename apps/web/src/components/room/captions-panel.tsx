'use client'
import { usePeers } from '@patchbay/react'
import { useFormatter, useLocale, useTranslations } from 'next-intl'
import { type ReactNode, useEffect, useRef, useState } from 'react'
import { flushSync } from 'react-dom'
import {
  captionColor,
  captionColors,
  captionLanguage,
  captionSize,
  captionSizes,
  sendsCaptions,
  showsCaptions,
} from '@/lib/captions/choices'
import { useCaptionReaders } from '@/lib/captions/readers'
import { fittingLanguage, installLanguage, type Language, listLanguages } from '@/lib/captions/recognizer'
import { Button } from '../ui/button'
import { SelectField } from '../ui/field'
import { SwitchField } from '../ui/switch-field'
import { CaptionText } from './caption-lines'

/** After which a download counts as failed, in milliseconds: some browsers never say. */
const INSTALL_MS = 300_000

/** Who wants to read what is said, and who lets it be read. */
export function CaptionsPanel(): ReactNode {
  const t = useTranslations('Captions')
  const sizes = useTranslations('Captions.sizes')
  const colors = useTranslations('Captions.colors')
  const [languages, setLanguages] = useState<readonly Language[]>([])
  useEffect(() => void listLanguages().then(setLanguages), [])
  const shows = showsCaptions.use()
  const size = captionSize.use()
  const color = captionColor.use()
  return (
    <div className="grid gap-5">
      <SwitchField label={t('show')} hint={t('showText')} isOn={shows} onTurn={showsCaptions.turn} />
      {shows && (
        <div className="grid grid-cols-[repeat(auto-fit,minmax(9rem,1fr))] gap-4">
          <SelectField
            label={t('size')}
            value={size}
            choices={captionSizes.map((value) => ({ value, label: sizes(value) }))}
            onChoose={captionSize.choose}
          />
          <SelectField
            label={t('color')}
            value={color}
            choices={captionColors.map((value) => ({ value, label: colors(value) }))}
            onChoose={captionColor.choose}
          />
          <div aria-hidden className="col-span-full grid justify-items-center rounded-xl bg-stage p-4">
            <CaptionText name={t('sampleName')} text={t('sample')} />
          </div>
        </div>
      )}
      {languages.length > 0 && (
        <SendFields
          languages={languages}
          onInstalled={(tag) =>
            setLanguages(languages.map((each) => (each.tag === tag ? { tag, isInstalled: true } : each)))
          }
        />
      )}
    </div>
  )
}

/** Lets what one says be read, where the browser can recognize it on the device. */
function SendFields(props: {
  readonly languages: readonly Language[]
  readonly onInstalled: (tag: string) => void
}): ReactNode {
  const { languages, onInstalled } = props
  const t = useTranslations('Captions')
  const locale = useLocale()
  const format = useFormatter()
  const sends = sendsCaptions.use()
  const chosen = captionLanguage.use()
  const tag = fittingLanguage(languages, [chosen ?? locale, ...navigator.languages]) ?? ''
  const { isInstalled = false } = languages.find((each) => each.tag === tag) ?? {}
  const readers = useReaders()
  const field = useRef<HTMLElement>(null)
  const isNowInstalled = () => {
    flushSync(() => onInstalled(tag))
    // The button that had the focus is gone.
    if (document.activeElement === document.body) field.current?.focus()
  }
  const turn = (isOn: boolean) => {
    captionLanguage.choose(tag)
    sendsCaptions.turn(isOn)
  }
  const choose = (next: string) => {
    captionLanguage.choose(next)
    if (languages.find((each) => each.tag === next)?.isInstalled !== true) sendsCaptions.turn(false)
  }
  const names = new Intl.DisplayNames(locale, { type: 'language' })
  const nameOf = (language: Language) => {
    const name = names.of(language.tag) ?? language.tag
    return language.isInstalled ? name : t('notInstalled', { name })
  }
  return (
    <div className="grid gap-4 border-t border-line pt-5">
      <SwitchField
        label={t('send')}
        hint={t('sendText')}
        isOn={sends && isInstalled}
        onTurn={turn}
        disabled={!isInstalled}
        switchRef={field}
      />
      <SelectField
        label={t('language')}
        value={tag}
        choices={languages.map((each) => ({ value: each.tag, label: nameOf(each) }))}
        onChoose={choose}
      />
      {!isInstalled && <InstallField key={tag} tag={tag} onInstalled={isNowInstalled} />}
      <p role="status" className="text-sm leading-relaxed text-soft">
        {sends && isInstalled && (readers.length === 0 ? t('nobodyReads') : t('read', { names: format.list(readers) }))}
      </p>
    </div>
  )
}

/** Has the browser download a language, and says how that goes. */
function InstallField({ tag, onInstalled }: { readonly tag: string; readonly onInstalled: () => void }): ReactNode {
  const t = useTranslations('Captions')
  const [state, setState] = useState<'none' | 'installing' | 'failed'>('none')
  const install = async () => {
    setState('installing')
    const late = new Promise<false>((resolve) => setTimeout(() => resolve(false), INSTALL_MS))
    if (await Promise.race([installLanguage(tag), late])) onInstalled()
    else setState('failed')
  }
  return (
    <div className="grid gap-2 text-sm">
      <p role="status" className={`leading-relaxed ${state === 'failed' ? 'text-bad' : 'text-soft'}`}>
        {t(state === 'none' ? 'install' : state)}
      </p>
      <Button onClick={() => void install()} isBusy={state === 'installing'} className="justify-self-start">
        {t('download')}
      </Button>
    </div>
  )
}

/** Names of those who read captions. */
function useReaders(): readonly string[] {
  const readers = useCaptionReaders()
  return usePeers().flatMap(({ info }) => (readers.has(info.id) ? [info.name] : []))
}
