'use client'
import { CSPProvider } from '@base-ui/react/csp-provider'
import { DirectionProvider } from '@base-ui/react/direction-provider'
import { ThemeProvider } from 'next-themes'
import { useLocale } from 'next-intl'
import { type ReactNode, useEffect, useState } from 'react'
import { dropKeptRooms } from '@/lib/kept-rooms'
import { useServiceWorker } from '@/lib/use-service-worker'
// Must listen before the router does.
import '@/lib/step-back'

/** Context providers of every page. */
export function Providers({
  nonce,
  direction,
  children,
}: {
  readonly nonce: string | undefined
  readonly direction: 'ltr' | 'rtl'
  readonly children: ReactNode
}): ReactNode {
  // A refreshed layout brings a new nonce, but the document keeps the policy, and the nonce, that it was loaded with.
  const [first] = useState(nonce)
  useServiceWorker(useLocale())
  useEffect(dropKeptRooms, [])
  const nonceProps = first === undefined ? {} : { nonce: first }
  return (
    <ThemeProvider attribute="class" defaultTheme="system" enableSystem disableTransitionOnChange {...nonceProps}>
      <CSPProvider {...nonceProps}>
        <DirectionProvider direction={direction}>{children}</DirectionProvider>
      </CSPProvider>
    </ThemeProvider>
  )
}
