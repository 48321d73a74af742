import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { RECORDINGS, tidyRecordings } from '../src/lib/recording/tidy'

const HOUR_MS = 3_600_000

beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'], now: 100 * 24 * HOUR_MS }))
afterEach(() => {
  vi.unstubAllGlobals()
  vi.useRealTimers()
})

/** A folder of a recording that began so many hours ago, with segments that were written so many hours ago. */
function recording(beganHours: number, ...segmentHours: number[]) {
  const msAgo = (hours: number) => Date.now() - hours * HOUR_MS
  return {
    kind: 'directory',
    name: String(msAgo(beganHours)),
    async *values() {
      for (const hours of segmentHours) yield { kind: 'file', getFile: async () => ({ lastModified: msAgo(hours) }) }
    },
  }
}

/** Stands in for the browser's file system. @returns the names that are left. */
function folderOf(...recordings: readonly { readonly name: string }[]) {
  const kept = new Map(recordings.map((one) => [one.name, one]))
  const stuck = new Set<string>()
  const all = {
    entries: async function* () {
      yield* [...kept]
    },
    removeEntry: async (name: string, { recursive = false } = {}) => {
      if (!recursive || stuck.has(name)) throw new DOMException('no', 'InvalidModificationError')
      kept.delete(name)
    },
  }
  const getDirectoryHandle = async (name: string) => {
    if (name !== RECORDINGS) throw new DOMException('none', 'NotFoundError')
    return all
  }
  vi.stubGlobal('navigator', { storage: { getDirectory: async () => ({ getDirectoryHandle }) } })
  return { names: () => [...kept.keys()], stuck }
}

test('recordings that were last written to more than a day ago are deleted, and no others', async () => {
  const [old, longOne, fresh] = [recording(60, 59, 25), recording(60, 59, 23), recording(1)]
  const neverWritten = recording(25)
  const { names } = folderOf(old, longOne, neverWritten, fresh)
  await tidyRecordings()
  expect(names()).toEqual([longOne.name, fresh.name])
})

test('a recording that cannot be deleted does not keep the others', async () => {
  const [first, second] = [recording(60), recording(50)]
  const { names, stuck } = folderOf(first, second)
  stuck.add(first.name)
  await tidyRecordings()
  expect(names()).toEqual([first.name])
})

test('where nothing was ever recorded there is nothing to tidy', async () => {
  vi.stubGlobal('navigator', {})
  await expect(tidyRecordings()).resolves.toBeUndefined()
})
