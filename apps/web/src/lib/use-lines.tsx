'use client'
import type { Dialer, GetCredentials } from '@patchbay/core/transport'
import { plugs } from '@patchbay/lines'
import { createContext, type ReactNode, useContext, useMemo } from 'react'
import type { LineSettings } from './page-lines'

/** A line this page can use. */
export interface PageLine {
  readonly name: string
  readonly label: string
  /** Whether its code is fetched before it is needed. */
  readonly ahead: boolean
  readonly dialer: () => Dialer & { preload?(): Promise<void> }
}

const LinesContext = createContext<readonly PageLine[]>([])
const ServerContext = createContext('')

/** Tells the page which lines its deployment serves, and where they are. */
export function LinesProvider(props: {
  readonly settings: LineSettings
  /** URL of the signaling server. */
  readonly server: string
  readonly children: ReactNode
}): ReactNode {
  const { settings, server, children } = props
  const lines = useMemo(
    () =>
      plugs
        .filter(({ name }) => name in settings)
        .map((plug) => ({
          name: plug.name,
          label: plug.label,
          ahead: plug.ahead,
          dialer: () => plug.dialer(settings[plug.name], credentialsOf(server, plug.name)),
        })),
    [settings, server],
  )
  return (
    <ServerContext value={server}>
      <LinesContext value={lines}>{children}</LinesContext>
    </ServerContext>
  )
}

/** How to ask for credentials of a line. The code is fetched by whoever asks: most lines have none. */
function credentialsOf(server: string, line: string): GetCredentials {
  return async (how) => {
    const { askForCredentials } = await import('./line-credentials')
    return askForCredentials({ server, line })(how)
  }
}

/** The lines this deployment serves, best first. */
export function useLines(): readonly PageLine[] {
  return useContext(LinesContext)
}

/** URL of the signaling server, without a slash at its end. */
export function useSignalingServer(): string {
  return useContext(ServerContext)
}
