import { createLazyCode } from '../lazy-code'

/** What recognizes, shows and sets up captions: fetched by those who use them. */
export const captionsCode = createLazyCode(() => import('@/components/room/captions'))
