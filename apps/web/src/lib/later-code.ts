import { createLazyCode } from './lazy-code'

/** What nobody needs before the room is open, or before someone shows themselves, offers a file, mentions somebody or searches: a chunk of its own. */
export const laterCode = createLazyCode(() => import('@/components/room/later'))

/** What somebody sees who has no name yet. */
export const lobbyCode = createLazyCode(() => import('@/components/room/lobby'))
