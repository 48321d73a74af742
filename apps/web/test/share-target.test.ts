import { expect, test } from 'vitest'
import { failing } from '../src/lib/failing'
import { sendShared } from '../src/lib/share-target'

const [notes, film] = [new File(['notes'], 'notes.txt'), new File(['film'], 'film.mp4')]
const text = 'https://example.org/'

test('what could not be sent of what another app shared is kept for another try', async () => {
  const offered: string[] = []
  const offer = (files: readonly File[]) =>
    failing(files, async (file) => {
      if (file === film) throw new Error('The code of files cannot be fetched.')
      offered.push(file.name)
    })
  const shared = { text, files: [notes, film] }
  expect(await sendShared(shared, { say: () => 'too_fast', offer })).toEqual({ outcome: 'too_fast', left: shared })
  expect(offered, 'the text goes first').toEqual([])
  const first = await sendShared(shared, { say: () => 'sent', offer })
  expect(first).toEqual({ outcome: 'sent', left: { text: '', files: [film] } })
  expect(offered).toEqual(['notes.txt'])
})

test('nothing is left of what was sent', async () => {
  const offer = (files: readonly File[]) => failing(files, async () => {})
  expect(await sendShared({ text, files: [notes, film] }, { say: () => 'sent', offer })).toEqual({
    outcome: 'sent',
    left: undefined,
  })
})
