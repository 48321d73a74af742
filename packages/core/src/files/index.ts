export { cleanFileName } from './file-name.ts'
export { FileShare, type FileShareOptions } from './file-share.ts'
export { MemoryStore } from './memory-store.ts'
export type { FileSink, FileStore, SinkRequest, SourceFile, StopReason, Transfer, TransferState } from './transfer.ts'
