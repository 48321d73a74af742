import { afterEach, expect, test, vi } from 'vitest'
import { failing } from '../src/lib/failing'
import { readShared, SHARE_PATH, sendShared, TEXT_PATH } from '../src/lib/share-target'

const [notes, film] = [new File(['notes'], 'notes.txt'), new File(['film'], 'film.mp4')]
const text = 'https://example.org/'

afterEach(() => vi.unstubAllGlobals())

/** What the service worker keeps: a text, and a file for each name. @param at since when, in milliseconds since 1970. */
function keepSince(at: number, said: string, ...names: string[]): void {
  const kept = new Map(
    names.map((name, i) => [
      `${SHARE_PATH}/${i}`,
      new Response(name, { headers: { 'shared-name': encodeURIComponent(name) } }),
    ]),
  )
  kept.set(TEXT_PATH, new Response(said, { headers: { 'shared-at': String(at), 'left-out': '2' } }))
  const pathOf = (request: { readonly url: string }) => new URL(request.url).pathname
  const cache = {
    keys: async () => [...kept.keys()].map((path) => ({ url: `https://page.example${path}` })),
    match: async (request: { readonly url: string }) => kept.get(pathOf(request))?.clone(),
    put: async (request: { readonly url: string }, response: Response) => void kept.set(pathOf(request), response),
    delete: async (request: { readonly url: string }) => kept.delete(pathOf(request)),
  }
  vi.stubGlobal('caches', { has: async () => true, open: async () => cache, delete: async () => kept.clear() })
}

const keep = (said: string, ...names: string[]) => keepSince(Date.now(), said, ...names)

test('what was shared more than an hour ago is deleted unread', async () => {
  keepSince(Date.now() - 3_540_000, text, 'notes.txt')
  expect(await readShared()).toMatchObject({ text })
  keepSince(Date.now() - 3_660_000, text, 'notes.txt')
  expect(await readShared()).toBeUndefined()
  expect(await (await caches.open('shared')).keys()).toEqual([])
})

test('what could not be sent of what another app shared is kept for another try', async () => {
  const offered: string[] = []
  const offer = (files: readonly File[]) =>
    failing(files, async (file) => {
      if (file === film) throw new Error('The code of files cannot be fetched.')
      offered.push(file.name)
    })
  const shared = { text, files: [notes, film], leftOut: 0 }
  expect(await sendShared(shared, { say: () => 'too_fast', offer })).toEqual({ outcome: 'too_fast', left: shared })
  expect(offered, 'the text goes first').toEqual([])
  const first = await sendShared(shared, { say: () => 'sent', offer })
  expect(first).toEqual({ outcome: 'sent', left: { text: '', files: [film], leftOut: 0 } })
  expect(offered).toEqual(['notes.txt'])
})

test('nothing is left of what was sent', async () => {
  const offer = (files: readonly File[]) => failing(files, async () => {})
  expect(await sendShared({ text, files: [notes, film], leftOut: 0 }, { say: () => 'sent', offer })).toEqual({
    outcome: 'sent',
    left: undefined,
  })
})

test('a file that another site shared has a name that shows what it is', async () => {
  keep(text, 'photo\u202Egpj.exe', '../notes.txt', '')
  const shared = await readShared()
  expect(shared?.files.map(({ name }) => name)).toEqual(['photogpj.exe', 'notes.txt', 'file'])
})

/** Sends what is kept, as far as `isGood` files go, and says what a page that is loaded anew finds. */
async function leftAfter(isGood: (file: File) => boolean): Promise<object | undefined> {
  const shared = await readShared()
  const offer = async (files: readonly File[]) => files.filter((file) => !isGood(file))
  await sendShared(shared!, { say: () => 'sent', offer })
  const left = await readShared()
  return left && { ...left, files: left.files.map(({ name }) => name) }
}

test('what was sent of it is not there when the page is loaded anew', async () => {
  keep(text, 'notes.txt', 'film.mp4')
  expect(await leftAfter(({ name }) => name === 'notes.txt')).toEqual({ text: '', files: ['film.mp4'], leftOut: 2 })
  keep('x'.repeat(100_000), 'film.mp4')
  expect(await leftAfter(({ name }) => name === 'film.mp4')).toEqual({ text: '', files: ['text.txt'], leftOut: 2 })
  keep('x'.repeat(100_000), 'film.mp4')
  expect(await leftAfter(({ name }) => name === 'text.txt')).toEqual({ text: '', files: ['film.mp4'], leftOut: 2 })
})

test('a text that was said is deleted before the files are offered', async () => {
  keep(text, 'notes.txt')
  const shared = await readShared()
  const found: unknown[] = []
  const offer = async (files: readonly File[]) => {
    found.push((await readShared())?.text)
    return files
  }
  await sendShared(shared!, { say: () => 'sent', offer })
  expect(found).toEqual([''])
})
