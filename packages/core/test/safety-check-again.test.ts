import { expect, test } from 'vitest'
import type { MessageOf } from '../src/mesh/index.ts'
import { SafetyCheck } from '../src/mesh/safety-check.ts'

type SafetyMessage = MessageOf<'safety_commit' | 'safety_reveal'>

/** Two ends, what each was told, and what came of it. */
function twoEnds() {
  const said: SafetyMessage[][] = [[], []]
  const changes = [0, 0]
  const rejected: number[] = []
  const connection = { lost: false }
  const ends = [0, 1].map(
    (here): SafetyCheck =>
      new SafetyCheck({
        get certificates() {
          return connection.lost ? undefined : (['one', 'two'] as const)
        },
        send(message) {
          said[1 - here]?.push(message as SafetyMessage)
          ends[1 - here]?.receive(message as SafetyMessage)
        },
        changed: () => (changes[here] = (changes[here] ?? 0) + 1),
        cut: () => rejected.push(here),
      }),
  ) as [SafetyCheck, SafetyCheck]
  return { ends, said, changes, rejected, connection }
}

/** Every hash that was begun is there, and what follows from it: hashes are made one after the other. */
const turns = async () => {
  for (let turn = 0; turn < 20; turn += 1) await crypto.subtle.digest('SHA-256', new Uint8Array(1))
}

test('is begun once, however often it is asked for, and told once', async () => {
  const { ends, said, changes } = twoEnds()
  for (const end of [...ends, ...ends]) end.begin()
  await expect.poll(() => changes).toEqual([1, 1])
  for (const heard of said) expect(heard.map(({ type }) => type)).toEqual(['safety_commit', 'safety_reveal'])
})

test('stays as it was when the nonce is shown again, whatever it says by then', async () => {
  const { ends, said, changes, rejected } = twoEnds()
  ends[0].begin()
  await expect.poll(() => changes).toEqual([1, 1])
  const { code } = ends[0]
  ends[0].receive(said[0]?.[1] as SafetyMessage)
  ends[0].receive({ type: 'safety_reveal', nonce: 'x'.repeat(22) })
  await turns()
  expect([ends[0].code, changes, rejected]).toEqual([code, [1, 1], []])
})

test('comes to nothing where the connection is gone by then, and is nobody’s fault', async () => {
  const { ends, changes, rejected, connection } = twoEnds()
  connection.lost = true
  ends[0].begin()
  await turns()
  expect([ends[0].code, ends[1].code, changes, rejected]).toEqual([undefined, undefined, [0, 0], []])
})
