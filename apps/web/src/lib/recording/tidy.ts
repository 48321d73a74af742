/** Folder of recordings in the browser's own file system, with a folder for each, named by when it began. */
export const RECORDINGS = 'patchbay-recordings'
/** They are deleted a day after they were last written to. */
const KEEP_MS = 86_400_000

/** Deletes recordings of more than a day ago: they were saved then, or given up. Never rejects. */
export async function tidyRecordings(): Promise<void> {
  try {
    const root = await navigator.storage.getDirectory()
    const all = await root.getDirectoryHandle(RECORDINGS)
    const old: string[] = []
    for await (const [name, folder] of all.entries())
      if (folder.kind === 'directory' && (await lastWritten(folder)) < Date.now() - KEEP_MS) old.push(name)
    // Another tab may be deleting it.
    for (const name of old) await all.removeEntry(name, { recursive: true }).catch(() => {})
  } catch {
    // Nothing was ever recorded, or this browser has no such file system.
  }
}

/** When the recording was last written to, or began; in milliseconds since 1970. */
async function lastWritten(folder: FileSystemDirectoryHandle): Promise<number> {
  let last = Number(folder.name)
  for await (const segment of folder.values())
    if (segment.kind === 'file') last = Math.max(last, (await segment.getFile()).lastModified)
  return last
}
