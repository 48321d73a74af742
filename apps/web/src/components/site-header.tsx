import type { ReactNode } from 'react'
import { Brand } from './brand'
import { Preferences } from './preferences'

/** Header of every page outside a room. */
export function SiteHeader(): ReactNode {
  return (
    <header className="flex h-18 items-center justify-between">
      <Brand />
      <Preferences />
    </header>
  )
}
