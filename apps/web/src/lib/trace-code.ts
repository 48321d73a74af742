import { createLazyCode } from './lazy-code'

/** The time line of signals. */
export const traceCode = createLazyCode(() => import('@/components/room/trace-panel'))
