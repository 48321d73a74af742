'use client'
import { useLocalMedia } from '@patchbay/react'
import { LoaderCircle } from 'lucide-react'
import { useTranslations } from 'next-intl'
import type { ReactNode } from 'react'
import { laterCode } from '@/lib/later-code'
import { useDocumentTitle } from '@/lib/use-document-title'
import { site } from '@/site'
import { FullPage } from '../full-page'

/** Whoever came to a locked room, until a host has answered: with the camera and microphone that they come with. */
export function WaitingPage(): ReactNode {
  const t = useTranslations('Host')
  const media = useLocalMedia()
  const Preview = laterCode.use(true)?.Preview
  const title = t('waitingTitle')
  // The tab of a hidden page says when that is over.
  useDocumentTitle(`${title} · ${site.name}`)
  return (
    <FullPage
      title={title}
      text={t('waitingText')}
      action={
        <LoaderCircle className="size-8 animate-spin self-center text-brass motion-reduce:animate-none" aria-hidden />
      }
    >
      {Preview !== undefined && media !== undefined && (
        <div className="w-full max-w-sm">
          <Preview media={media} isOfRoom />
        </div>
      )}
    </FullPage>
  )
}
