import { createLazyCode } from './lazy-code'

/** The timeline of signals. */
export const traceCode = createLazyCode(() => import('@/components/room/trace-panel'))
