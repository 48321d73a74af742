import type { Transfer } from '@patchbay/core/files'
import { useTranslations } from 'next-intl'
import { useBytes } from './use-bytes'

/** State of a transfer, in words. */
export function useFileStatus({ size, direction, state }: Transfer): string {
  const t = useTranslations('Files')
  const bytes = useBytes()
  switch (state.phase) {
    case 'offered':
      return direction === 'in' ? bytes(size) : t('asked', { size: bytes(size) })
    case 'moving': {
      const { bytes: done, bytesPerSecond } = state
      const progress = t('progress', { done: bytes(done), size: bytes(size) })
      if (bytesPerSecond <= 0) return progress
      const seconds = Math.ceil((size - done) / bytesPerSecond)
      const left = seconds < 60 ? t('secondsLeft', { seconds }) : t('minutesLeft', { minutes: Math.ceil(seconds / 60) })
      return `${progress} · ${t('speed', { size: bytes(bytesPerSecond) })} · ${left}`
    }
    case 'waiting':
      return t('waiting', { done: bytes(state.bytes), size: bytes(size) })
    case 'done':
      return t(direction === 'in' ? 'received' : 'sent', { size: bytes(size) })
    case 'stopped':
      return t(state.byUs ? `${state.why}ByUs` : state.why)
  }
}
