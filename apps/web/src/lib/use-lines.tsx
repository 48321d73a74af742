'use client'
import { createContext, type ReactNode, useContext, useMemo } from 'react'
import { type PageLine, pageLines } from './lines'

const LinesContext = createContext<readonly PageLine[]>(pageLines)

/** Tells the page which lines its deployment serves. */
export function LinesProvider(props: { readonly names: readonly string[]; readonly children: ReactNode }): ReactNode {
  const { names, children } = props
  const lines = useMemo(() => pageLines.filter(({ name }) => names.includes(name)), [names])
  return <LinesContext value={lines}>{children}</LinesContext>
}

/** The lines this deployment serves, best first. */
export function useLines(): readonly PageLine[] {
  return useContext(LinesContext)
}
