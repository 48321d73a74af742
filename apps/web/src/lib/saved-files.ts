/** Keys of transfers whose file was saved: the download may still be reading it when the file leaves the log. */
const saved = new Set<string>()

/** The person saves the file of this transfer. */
export function noteSaved(key: string): void {
  saved.add(key)
}

/** Whether the file of this transfer was saved. */
export function isSaved(key: string): boolean {
  return saved.has(key)
}
