import { createLazyCode } from './lazy-code'

/** What nobody needs before the room is open, or before someone shows themselves or offers a file: a chunk of its own. */
export const laterCode = createLazyCode(() => import('@/components/room/later'))
