'use client'
import { CSPProvider } from '@base-ui/react/csp-provider'
import { Toast } from '@base-ui/react/toast'
import { Tooltip } from '@base-ui/react/tooltip'
import { ThemeProvider } from 'next-themes'
import { type ReactNode, useState } from 'react'
import { Toaster } from './toaster'

/** Context providers of every page. */
export function Providers({
  nonce,
  children,
}: {
  readonly nonce: string | undefined
  readonly children: ReactNode
}): ReactNode {
  // A refreshed layout brings a new nonce, but the document keeps the policy, and the nonce, that it was loaded with.
  const [first] = useState(nonce)
  const nonceProps = first === undefined ? {} : { nonce: first }
  return (
    <ThemeProvider attribute="class" defaultTheme="system" enableSystem disableTransitionOnChange {...nonceProps}>
      <CSPProvider {...nonceProps}>
        <Tooltip.Provider delay={400}>
          <Toast.Provider limit={3} timeout={6000}>
            {children}
            <Toaster />
          </Toast.Provider>
        </Tooltip.Provider>
      </CSPProvider>
    </ThemeProvider>
  )
}
