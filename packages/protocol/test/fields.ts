/** Values that a field may have, and values that it may not. */
export interface Field {
  readonly good: readonly unknown[]
  readonly bad: readonly unknown[]
}

const text = (good: readonly string[], bad: readonly unknown[]): Field => ({ good, bad: [...bad, 7, null, {}] })
const whole = (least: number, most: number): Field => ({
  good: [least, least + 1, most],
  bad: [least - 1, most + 1, 0.5, '1', null, true],
})
const oneOf = (...values: string[]): Field => text(values, ['', `${values[0]}s`, ...values.map((v) => v.toUpperCase())])
/** Exactly so many characters of base64url. */
const base64Url = (length: number): Field => {
  const all = 'azAZ09_-'.repeat(8)
  const good = all.slice(0, length)
  return text([good, 'A'.repeat(length)], [`${good}A`, good.slice(1), `${good.slice(1)}.`, `.${good}`, `${good}\n`])
}
/** Fields of a structure: all it may be, then what it may not with one field wrong or missing. */
const structure = (fields: Readonly<Record<string, Field>>): Field => {
  const values = [...variants(fields)]
  return { good: values, bad: [...spoiled(fields), null, 'text', []] }
}

const most = Number.MAX_SAFE_INTEGER
const limit = (length: number): Field => text(['', 'x'.repeat(length)], ['x'.repeat(length + 1)])
const nullOr = ({ good, bad }: Field): Field => ({
  good: [...good, null],
  bad: [...bad.filter((value) => value !== null), undefined],
})

export const count = whole(0, most)
export const positive = whole(1, most)
export const bytes = whole(0, 2 ** 44)
export const stream = whole(1, 2 ** 32 - 1)
export const duration = whole(0, 86_400_000)
export const pixels = whole(0, 4_320)
export const flag: Field = { good: [true, false], bad: [0, 'true', null] }
export const version: Field = { good: [1], bad: [0, 2, 1.5, '1', null] }
export const id = base64Url(22)
export const secret = base64Url(43)
export const sha256 = text(
  ['0af9'.repeat(16)],
  ['0af9'.repeat(16).slice(1), `${'0af9'.repeat(16)}0`, 'G'.repeat(64), 'A'.repeat(64), `g${'0'.repeat(64)}`],
)
const grammar = (length: number) =>
  text(['a', 'azAZ09_-', 'x'.repeat(length)], ['', 'x'.repeat(length + 1), 'a b', '.a', 'a.', 'a\n'])
export const room = grammar(64)
export const token = grammar(32)
export const accessToken = text(['x', 'x'.repeat(8_192)], ['', 'x'.repeat(8_193)])
export const name = text(
  ['A', 'Ada Lovelace', '名字', 'x'.repeat(64), '🧑'.repeat(64)],
  ['', ' ', ' A', 'A ', 'x'.repeat(65), '🧑'.repeat(65), 'a\u200Bb', 'a\u2028b', 'a\uE000b', 'e\u0301', 'a\uDC00'],
)
export const shownName = limit(128)
export const line = text(
  ['websocket', 'a-1', 'x'.repeat(32)],
  ['', 'x'.repeat(33), 'A', 'a_b', '.a', 'a.', 'websocket\n'],
)
export const fileName = text(['', 'x'.repeat(255)], ['x'.repeat(256), '\uD800'])
export const mime = text(['', 'image/png', 'x'.repeat(127)], ['x'.repeat(128), '\uD800'])
export const streamId = nullOr(limit(64))
export const featureName = limit(32)
export const sdp = limit(49_152)
export const anyText = text(['', 'x'], [])
export const candidate = {
  connection: positive,
  candidate: limit(512),
  sdpMid: nullOr(limit(32)),
  sdpMLineIndex: nullOr(whole(0, 512)),
  usernameFragment: nullOr(limit(256)),
}
export { limit, nullOr, oneOf, structure }

/** Fields by name; those whose name ends in `?` may be left out. */
export type Fields = Readonly<Record<string, Field>>

const bare = (key: string) => key.replace('?', '')

/** Every good value of every field once, beside first values of the others; and once without what may be left out. */
export function* variants(fields: Fields): Generator<Record<string, unknown>> {
  const entries = Object.entries(fields)
  const first = Object.fromEntries(entries.map(([key, { good }]) => [bare(key), good[0]]))
  yield first
  for (const [key, { good }] of entries) for (const value of good.slice(1)) yield { ...first, [bare(key)]: value }
  yield Object.fromEntries(entries.flatMap(([key, { good }]) => (key.endsWith('?') ? [] : [[key, good[0]]])))
}

/** One good structure with one field wrong, for each thing that can be wrong with it. */
export function* spoiled(fields: Fields): Generator<Record<string, unknown>> {
  const [first = {}] = variants(fields)
  for (const [key, { bad }] of Object.entries(fields)) {
    for (const value of bad) yield { ...first, [bare(key)]: value }
    if (!key.endsWith('?')) yield Object.fromEntries(Object.entries(first).filter(([other]) => other !== key))
  }
}
