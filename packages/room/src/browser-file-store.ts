import { type FileStore, MemoryStore, OpfsStore } from '@patchbay/core/files'

const FOLDER = 'patchbay-files'
/** Total size of received files where the origin-private file system is not available. */
const MAX_MEMORY_BYTES = 268_435_456

/** Keeps received files on disk if the browser allows it, otherwise in memory, up to a limit. */
export function browserFileStore(): FileStore {
  let store: Promise<FileStore> | undefined
  const get = () => (store ??= openStore())
  return {
    has: async (request) => (await get()).has(request),
    open: async (request) => (await get()).open(request),
  }
}

async function openStore(): Promise<FileStore> {
  try {
    // Safari before 26 has the file system, and writes to it in workers only.
    if (!('createWritable' in FileSystemFileHandle.prototype)) return new MemoryStore(MAX_MEMORY_BYTES)
    const root = await navigator.storage.getDirectory()
    const store = new OpfsStore(await root.getDirectoryHandle(FOLDER, { create: true }), freeBytes)
    await store.tidy(Date.now())
    return store
  } catch {
    return new MemoryStore(MAX_MEMORY_BYTES)
  }
}

async function freeBytes(): Promise<number> {
  const { quota = Infinity, usage = 0 } = await navigator.storage.estimate()
  return quota - usage
}
