import { Toast } from '@base-ui/react/toast'
import { useTranslations } from 'next-intl'
import { type Invite, inviteHref } from './invite'

/** The invite link of a room, and what can be done with it. Browser only. */
export function useInviteLink(invite: Invite): {
  readonly href: string
  readonly copy: () => Promise<void>
  /** Opens the system's share sheet; `undefined` where there is none. */
  readonly share: (() => Promise<void>) | undefined
} {
  const t = useTranslations('Room')
  const toasts = Toast.useToastManager()
  const href = new URL(inviteHref(invite), location.href).href
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(href)
      toasts.add({ title: t('inviteCopied'), description: t('inviteCopiedText') })
    } catch {
      toasts.add({ title: t('inviteFailed'), description: t('inviteFailedText'), type: 'error' })
    }
  }
  // Whoever closes the sheet has shared nothing, which is no error.
  const share = async () => navigator.share({ url: href }).catch(() => {})
  return { href, copy, share: 'share' in navigator ? share : undefined }
}
