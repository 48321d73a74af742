'use client'
import { useFiles, usePeers } from '@patchbay/react'
import { File } from 'lucide-react'
import type { ReactNode } from 'react'
import { transfersByEntry } from '@/lib/file-entries'
import type { FileEntry } from '@/lib/log-entries'
import { FileRow } from './file-row'
import { FileViewer } from './file-viewer'
import type { MessageActions } from './message-menu'

/** A file in the log: what is in it, as far as it is here and can be shown, and where it comes from or goes to. */
export function FileLine(props: { readonly entry: FileEntry; readonly actions: MessageActions }): ReactNode {
  const { entry, actions } = props
  const { transfers, files } = useFiles()
  const peers = usePeers()
  const own = transfersByEntry(transfers).get(entry.key) ?? []
  const [first] = own
  if (first === undefined || files === undefined) return null
  const received = first.state.phase === 'done' ? first.state.file : undefined
  const file = first.source instanceof Blob ? first.source : received
  return (
    <div className="mt-1 grid w-full max-w-sm gap-2 rounded-xl border border-line bg-panel p-2.5">
      {(file !== undefined || first.state.phase === 'moving' || first.state.phase === 'waiting') && (
        <FileViewer
          file={file}
          mime={first.mime}
          size={first.size}
          name={entry.fileName}
          onPlaying={(isPlaying) => actions.playing(entry.key, isPlaying)}
        />
      )}
      <p className="flex min-w-0 items-start gap-2 text-sm font-medium">
        <File className="mt-0.5 size-4 shrink-0 text-brass" aria-hidden />
        <bdi className="min-w-0 wrap-anywhere">{entry.fileName}</bdi>
      </p>
      <ul className="grid gap-2">
        {own.map((transfer) => (
          <FileRow
            key={transfer.key}
            transfer={transfer}
            peer={peers.find(({ info }) => info.id === transfer.peer)?.info.name}
            files={files}
            onGone={() => actions.log()?.focus()}
          />
        ))}
      </ul>
    </div>
  )
}
