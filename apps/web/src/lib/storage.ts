/** A storage of the browser's; behind a function, since to touch it can throw. */
export type Place = () => Storage

/** Kept over reloads, gone with the tab. */
export const tab: Place = () => sessionStorage
/** Kept for this origin. */
export const browser: Place = () => localStorage

/** Storage can be switched off; the page then works for as long as it is open. */
export function read(storage: Place, key: string): string | undefined {
  try {
    return storage().getItem(key) ?? undefined
  } catch {
    return undefined
  }
}

/** Keeps a text, where storage is to be had. */
export function write(storage: Place, key: string, value: string): void {
  try {
    storage().setItem(key, value)
  } catch {
    // Nothing to do: see `read`.
  }
}
