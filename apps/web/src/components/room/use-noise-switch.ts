import { useTranslations } from 'next-intl'
import { canSuppressNoise, noiseSuppression } from '@/lib/call-switches'

/** What turns the removal of noise on or off in a menu; `undefined` where the browser cannot. */
export function useNoiseSwitch() {
  const t = useTranslations('Noise')
  const isOn = noiseSuppression.use()
  if (!canSuppressNoise()) return undefined
  return { key: 'noise', label: t(isOn ? 'turnOff' : 'turnOn'), act: () => noiseSuppression.turn(!isOn) }
}
