import { useTranslations } from 'next-intl'
import { type Invite, inviteHref } from './invite'
import { addToast } from './toasts'

/** The invite link of a room, and what can be done with it. Browser only. */
export function useInviteLink(invite: Invite): {
  readonly href: string
  readonly copy: () => Promise<void>
  /** Opens the system's share sheet; `undefined` where there is none. */
  readonly share: (() => Promise<void>) | undefined
} {
  const t = useTranslations('Room')
  const href = new URL(inviteHref(invite), location.href).href
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(href)
      addToast({ title: t('inviteCopied'), description: t('inviteCopiedText') })
    } catch {
      addToast({ title: t('inviteFailed'), description: t('inviteFailedText'), type: 'error' })
    }
  }
  // Whoever closes the sheet has shared nothing, which is not an error.
  const share = async () => navigator.share({ url: href }).catch(() => {})
  return { href, copy, share: 'share' in navigator ? share : undefined }
}
