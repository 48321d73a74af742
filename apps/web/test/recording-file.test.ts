import { afterEach, expect, test, vi } from 'vitest'
import { RecordingFile } from '../src/lib/recording/file'

/** A disk with room for so many bytes. */
function stubDisk(space: number): void {
  let left = space
  const segment = () => {
    let content = new Blob()
    const createWritable = async () => ({
      write: async (data: Blob) => {
        if (data.size > left) throw new DOMException('The disk is full.', 'QuotaExceededError')
        left -= data.size
        content = data
      },
      close: async () => {},
    })
    return { createWritable, getFile: async () => content }
  }
  const folder = { getDirectoryHandle: async () => folder, getFileHandle: async () => segment() }
  vi.stubGlobal('navigator', { storage: { getDirectory: async () => folder } })
}

afterEach(() => vi.unstubAllGlobals())

test('a recording whose end does not fit on the disk says that it is not whole', async () => {
  stubDisk(5_000_000)
  const recording = await RecordingFile.create()
  await recording.write(new Blob([new Uint8Array(4_500_000)]))
  await recording.write(new Blob([new Uint8Array(1_000_000)]))
  const { file, isWhole } = await recording.finish()
  expect([file.size, isWhole]).toEqual([4_500_000, false])
})

test('a recording that fits on the disk is whole', async () => {
  stubDisk(5_000_000)
  const recording = await RecordingFile.create()
  await recording.write(new Blob([new Uint8Array(1_000)]))
  const { file, isWhole } = await recording.finish()
  expect([file.size, isWhole]).toEqual([1_000, true])
})
