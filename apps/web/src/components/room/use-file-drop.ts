import { useEffect, useRef, useState } from 'react'
import { watchFileDrag } from '@/lib/file-drag'

/** Handles files dropped anywhere on the page, or pasted. @returns whether files are being dragged over it. */
export function useFileDrop(onFiles: (files: readonly File[]) => void): boolean {
  const [over, setOver] = useState(false)
  const take = useRef(onFiles)
  useEffect(() => {
    take.current = onFiles
  })
  useEffect(() => {
    const unwatch = watchFileDrag(window, setOver, (files) => take.current(files))
    const paste = ({ clipboardData }: ClipboardEvent) => {
      // Office programs also put an image of copied text on the clipboard: pasting it means the text.
      if (clipboardData === null || clipboardData.types.includes('text/plain')) return
      const files = [...clipboardData.files]
      if (files.length > 0) take.current(files)
    }
    window.addEventListener('paste', paste)
    return () => {
      unwatch()
      window.removeEventListener('paste', paste)
    }
  }, [])
  return over
}
