/** A browser storage; behind a function, because accessing it can throw. */
export type Place = () => Storage

/** Kept across reloads, deleted with the tab. */
export const tab: Place = () => sessionStorage
/** Kept for the origin. */
export const browser: Place = () => localStorage

/** Texts that a place did not take: storage may be disabled or full. They are there until the page is closed. */
const refused = new Map<Place, Map<string, string>>()

/** @returns what was written last, or `undefined`. */
export function read(storage: Place, key: string): string | undefined {
  const own = refused.get(storage)?.get(key)
  if (own !== undefined) return own
  try {
    return storage().getItem(key) ?? undefined
  } catch {
    return undefined
  }
}

/** Deletes a text. */
export function remove(storage: Place, key: string): void {
  refused.get(storage)?.delete(key)
  try {
    storage().removeItem(key)
  } catch {
    // Nothing is stored where storage is disabled.
  }
}

/** Stores a text, or keeps it in the page where storage is not available. */
export function write(storage: Place, key: string, value: string): void {
  const own = refused.get(storage)
  own?.delete(key)
  try {
    storage().setItem(key, value)
  } catch {
    refused.set(storage, (own ?? new Map<string, string>()).set(key, value))
  }
}
