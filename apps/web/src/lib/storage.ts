/** A browser storage; behind a function, because accessing it can throw. */
export type Place = () => Storage

/** Kept across reloads, deleted with the tab. */
export const tab: Place = () => sessionStorage
/** Kept for the origin. */
export const browser: Place = () => localStorage

/** Storage may be disabled; the page then works until it is closed. */
export function read(storage: Place, key: string): string | undefined {
  try {
    return storage().getItem(key) ?? undefined
  } catch {
    return undefined
  }
}

/** Deletes a text, if storage is available. */
export function remove(storage: Place, key: string): void {
  try {
    storage().removeItem(key)
  } catch {
    // Ignored: see `read`.
  }
}

/** Stores a text, if storage is available. */
export function write(storage: Place, key: string, value: string): void {
  try {
    storage().setItem(key, value)
  } catch {
    // Ignored: see `read`.
  }
}
