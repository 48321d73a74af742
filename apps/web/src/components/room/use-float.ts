import { useTranslations } from 'next-intl'
import { useEffect, useRef } from 'react'
import { floatingCode, floatingIn, useFloatingPicture, useFloatingWindow } from '@/lib/floating'
import { addToast } from '@/lib/toasts'

/** Whether the call floats beside other windows, and what changes that. */
export interface Float {
  readonly isFloating: boolean
  readonly toggle: () => void
}

/** How the call floats; `undefined` where the browser has nothing for it. */
export function useFloat(): Float | undefined {
  const t = useTranslations('Float')
  const hasWindow = useFloatingWindow() !== undefined
  const hasPicture = useFloatingPicture()
  const isHere = useRef(false)
  useEffect(() => {
    isHere.current = true
    return () => {
      isHere.current = false
    }
  }, [])
  const way = floatingIn(window)
  if (way === undefined) return undefined
  const isFloating = way === 'window' ? hasWindow : hasPicture
  const fail = () => addToast({ title: t('failed'), description: t('failedText'), type: 'error', priority: 'high' })
  // A window opens only while the press counts, some seconds: a second try has the code at once.
  const toggle = () =>
    void floatingCode
      .load()
      .then(({ toggleFloating }) => toggleFloating(() => isHere.current))
      .catch(fail)
  return { isFloating, toggle }
}
