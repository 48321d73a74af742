import { createLazyCode } from './lazy-code'

/** Menus, dialogs and notes: a chunk of its own. */
export type Popups = typeof import('@/components/ui/popups')

export const popupCode = createLazyCode<Popups>(() => import('@/components/ui/popups'))
