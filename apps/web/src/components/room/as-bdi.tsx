import type { ReactNode } from 'react'

/** Isolates a name's text direction inside a sentence. */
export const asBdi = (name: ReactNode): ReactNode => <bdi>{name}</bdi>
