import type { ConversationPage, Statement } from '@patchbay/protocol'

/** Own statements kept for those who were not connected, and their total size, in UTF-16 code units. */
const MAX_STATEMENTS = 1_000
const MAX_SIZE = 262_144
/** Size of one part of an answer, in UTF-16 code units of JSON: at most three bytes each, so that it fits a message. */
export const PAGE_SIZE = 20_000

/** A statement that has no number yet. */
export type NewStatement = Statement extends infer S ? (S extends { n: number } ? Omit<S, 'n'> : never) : never

/** What this page has stated: numbered from 1, and the newest of them kept. */
export class OwnStatements {
  #count = 0
  #kept: Measured<Statement>[] = []
  #size = 0

  /** @returns the statement with its number. */
  add(content: NewStatement): Statement {
    const statement: Statement = { ...content, n: (this.#count += 1) }
    const size = JSON.stringify(statement).length
    this.#kept.push({ item: statement, size })
    this.#size += size
    while (this.#kept.length > MAX_STATEMENTS || this.#size > MAX_SIZE) this.#size -= this.#kept.shift()?.size ?? 0
    return statement
  }

  /** The newest one. */
  get last(): Statement | undefined {
    return this.#kept.at(-1)?.item
  }

  /** The statements after a number: as many as fit in one answer. */
  after(n: number): ConversationPage<Statement> {
    return pageOf(this.#kept.filter(({ item }) => item.n > n))
  }
}

/** Something, and its size as JSON. */
export interface Measured<T> {
  readonly item: T
  readonly size: number
}

/** As many as fit in one answer, at least one. */
export function pageOf<T>(all: Iterable<Measured<T>>): ConversationPage<T> {
  const items: T[] = []
  let total = 0
  for (const { item, size } of all) {
    total += size
    if (total > PAGE_SIZE && items.length > 0) return { items, more: true }
    items.push(item)
  }
  return { items, more: false }
}
