import type { ConversationEntry, MessageEntry } from '@patchbay/core/conversation'
import type { Transfer } from '@patchbay/core/files'
import type { PeerId } from '@patchbay/protocol'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { fileEntries, joinByTime } from '../src/lib/file-entries'
import type { FileEntry } from '../src/lib/log-entries'

const bob = 'bob' as PeerId
const nameOf = (id: PeerId | undefined) => (id === undefined ? 'Ada' : 'Bob')

function transferOf(over: Partial<Transfer>): Transfer {
  const { direction = 'in', peer = bob, id = 'a' } = over
  const about = { name: 'cat.png', size: 7, mime: 'image/png', at: 5, source: undefined }
  return { ...about, direction, peer, id, key: `${direction} ${peer} ${id}`, state: { phase: 'offered' }, ...over }
}

const messageOf = (at: number, isEarlier = false): MessageEntry => ({
  ...{
    kind: 'message',
    key: `m${at}`,
    from: bob,
    name: 'Bob',
    text: 'x',
    at,
    edited: false,
    replyTo: undefined,
    mentions: [],
    link: undefined,
  },
  ...{ reactions: [], earlier: isEarlier ? { id: bob, name: 'Bob' } : undefined, isSecondHand: false, stated: {} },
  ...{ received: [], read: [] },
})

test('a file that is offered to several at once is one entry, and offered again later another one', () => {
  const out = (peer: string, at: number) => transferOf({ direction: 'out', peer: peer as PeerId, at })
  const entries = fileEntries([out('bob', 5), out('cyd', 5), out('dan', 9), transferOf({ at: 7 })], [], nameOf)
  expect(entries.map(({ from, name, at }) => [from, name, at])).toEqual([
    [undefined, 'Ada', 5],
    [bob, 'Bob', 7],
    [undefined, 'Ada', 9],
  ])
})

test('the list of files is the same while they only move, and keeps the name of a sender who has gone', () => {
  const before = fileEntries([transferOf({})], [], nameOf)
  const moving = transferOf({ state: { phase: 'moving', bytes: 3, bytesPerSecond: 1 } })
  expect(fileEntries([moving], before, nameOf)).toBe(before)
  expect(fileEntries([moving], before, () => undefined)).toBe(before)
  expect(fileEntries([moving, transferOf({ id: 'b' })], before, nameOf)[0]).toBe(before[0])
  expect(fileEntries([], before, nameOf)).toEqual([])
})

test('files come after what was said until then, whatever the clock did, and after all that is from before', () => {
  const file = (at: number): FileEntry => ({
    ...{ kind: 'file', key: `f${at}`, from: bob, name: 'Bob', fileName: 'cat.png', at },
  })
  const keys = (entries: readonly ConversationEntry[], ...files: number[]) =>
    joinByTime(entries, files.map(file)).map(({ key }) => key)
  expect(keys([messageOf(1), messageOf(3)], 1, 2, 4)).toEqual(['m1', 'f1', 'f2', 'm3', 'f4'])
  expect(keys([messageOf(8, true), messageOf(6)], 5)).toEqual(['m8', 'f5', 'm6'])
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.nat(50), { maxLength: 20 }),
      fc.uniqueArray(fc.nat(50), { maxLength: 20 }),
      (said, sent) => {
        const entries = said.map((at) => messageOf(at))
        const files = sent.toSorted((a, b) => a - b).map(file)
        const joined = joinByTime(entries, files)
        expect(joined.filter(({ kind }) => kind === 'message')).toEqual(entries)
        expect(joined.filter(({ kind }) => kind === 'file')).toEqual(files)
      },
    ),
  )
})
