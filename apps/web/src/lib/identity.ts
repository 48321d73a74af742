import { cleanName } from '@patchbay/protocol'
import { browser, read, tab, write } from './storage'

const NAME_KEY = 'patchbay.name'
const LAST_ROOM_KEY = 'patchbay.last-room'
const titleKey = (room: string) => `patchbay.title.${room}`

/** The name this person used last; empty when there is none. */
export function rememberedName(): string {
  return cleanName(read(browser, NAME_KEY) ?? '')
}

/** Stores the name for the next room. */
export function rememberName(name: string): void {
  write(browser, NAME_KEY, name)
}

/** The room that this tab was in last. */
export function lastRoom(): string | undefined {
  return read(tab, LAST_ROOM_KEY)
}

/** Stores that this tab is in a room. */
export function rememberRoom(room: string): void {
  write(tab, LAST_ROOM_KEY, room)
}

/** The title that this tab gave a room when creating it. */
export function titleOf(room: string): string | undefined {
  const title = cleanName(read(tab, titleKey(room)) ?? '')
  return title === '' ? undefined : title
}

/** Stores the title of a room that this tab is about to create. */
export function rememberTitle(room: string, title: string): void {
  write(tab, titleKey(room), title)
}
