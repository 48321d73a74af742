import type { PeerId } from '@patchbay/protocol'
import { expect, test } from 'vitest'
import { complete, matching } from '../src/lib/mention-choice'
import { mentionsIn, queryAt } from '../src/lib/mentions'

const person = (name: string, id = name) => ({ id: id as PeerId, name })
const people = [
  person('Ann'),
  person('Anna'),
  person('Bob Ross'),
  person('林小雨'),
  person('İpek'),
  person('Ann', 'ann2'),
]
const none = new Set<PeerId>()

test.each([
  ['@', 1, { start: 0, typed: '' }],
  ['hello @bo', 9, { start: 6, typed: 'bo' }],
  ['hello @bo there', 9, { start: 6, typed: 'bo' }],
  ['@bob r', 6, { start: 0, typed: 'bob r' }],
  ['你好@林', 4, { start: 2, typed: '林' }],
  ['ann@example.org', 15, undefined],
  ['@bob\nhi', 7, undefined],
  ['@bob', 0, undefined],
  [`@${'x'.repeat(65)}`, 66, undefined],
])('in %j at %i a name is typed: %j', (text, caret, query) => {
  expect(queryAt(text, caret)).toEqual(query)
})

test('who is offered has a name, or a word in it, that begins as typed', () => {
  expect(matching(people, 'an').map(({ id }) => id)).toEqual(['Ann', 'ann2', 'Anna'])
  expect(matching(people, 'ROSS').map(({ id }) => id)).toEqual(['Bob Ross'])
  expect(matching([person('Mary Ann'), person('Ann')], 'ann').map(({ id }) => id)).toEqual(['Ann', 'Mary Ann'])
  expect(matching([person('Bob'), person('Bo'), person('Ada')], '').map(({ id }) => id)).toEqual(['Ada', 'Bo', 'Bob'])
  expect(matching(people, 'nn')).toEqual([])
  expect(
    matching(
      Array.from({ length: 20 }, (_, i) => person(`p${i}`)),
      '',
    ),
  ).toHaveLength(8)
})

test('a name is completed where it is typed, with one space after it', () => {
  expect(complete('hi @bo there', { start: 3, typed: 'bo' }, 'Bob Ross')).toEqual({
    text: 'hi @Bob Ross there',
    caret: 13,
  })
  expect(complete('@', { start: 0, typed: '' }, 'Ann')).toEqual({ text: '@Ann ', caret: 5 })
})

test.each([
  ['@Anna and @bob ross!', ['Anna', 'Bob Ross']],
  ['@Ann', ['Ann', 'ann2']],
  ['@Annabel', []],
  ['mail ann@Ann or say Anna', []],
  ['你好@林小雨你呢', ['林小雨']],
  ['@İPEK @İpek', ['İpek']],
  ['(@Anna), @Anna', ['Anna']],
])('%j means %j', (text, ids) => {
  expect(mentionsIn(text, people, none)).toEqual(ids)
})

test.each([
  ['@René', 'Ren', false],
  ['@René!', 'René', true],
  ['@Rene\u0301', 'Rene', false],
  ['@Zoéline', 'Zo', false],
  ['@Иванович', 'Иван', false],
  ['@Иван, да', 'Иван', true],
  ['@Ελένη', 'Ελ', false],
  ['@علياء', 'علي', false],
  ['@علي، نعم', 'علي', true],
  ['@ann٣', 'Ann', false],
  ['@Ann❤️', 'Ann', true],
  ['@Ann❤️ok', 'Ann❤️', true],
  ['❤️@Ann', 'Ann', true],
  ['1️⃣@Ann', 'Ann', true],
  ['@민수는', '민수', true],
  ['@林小雨你呢', '林小雨', true],
  ['почта@Ann', 'Ann', false],
  ['café@Ann', 'Ann', false],
  ['你好@Ann', 'Ann', true],
])('that %j means %j is %j', (text, name, isMeant) => {
  expect(mentionsIn(text, [person(name)], none)).toEqual(isMeant ? [name] : [])
})

test('of several people with one name those who were chosen are meant, and of too many the first', () => {
  expect(mentionsIn('@Ann', people, new Set(['ann2' as PeerId]))).toEqual(['ann2'])
  const many = Array.from({ length: 20 }, (_, i) => person(`p${i}x`))
  expect(mentionsIn(many.map(({ name }) => `@${name}`).join(' '), many, none)).toHaveLength(16)
})

test.each([
  ['@Cleo, look', '@Cleo, look!', ['cleo']],
  ['@Cleo, look', 'Look, @cleo', ['cleo']],
  ['@Cleo, look', 'look', []],
  ['@Cleo, look', '@Dan, look', []],
  ['@Cleo, look', 'a@cleo.example', []],
  ['@Cleo and @Anna', '@Anna', ['Anna']],
  ['@Cleo and @Anna', '@Cleo and @Bob Ross', ['cleo', 'Bob Ross']],
])('who is away and meant by %j is meant when it becomes %j as long as the name is in it: %j', (was, text, ids) => {
  const before = { text: was, mentions: ['cleo' as PeerId, ...mentionsIn(was, people, none)] }
  expect(mentionsIn(text, people, new Set(before.mentions), before)).toEqual(ids)
})
