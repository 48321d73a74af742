import type { Mentionable, MentionQuery } from './mentions'

/** Most people offered. */
const MAX_OFFERED = 8

/** Those whose name, or a word of it, begins as typed; those whose name does come first, and otherwise by name. */
export function matching<T extends Mentionable>(people: readonly T[], typed: string): readonly T[] {
  const wanted = typed.toLocaleLowerCase()
  const rank = ({ name }: T) => {
    const lower = name.toLocaleLowerCase()
    return lower.startsWith(wanted) ? 0 : lower.includes(` ${wanted}`) ? 1 : 2
  }
  return people
    .filter((person) => rank(person) < 2)
    .toSorted((a, b) => rank(a) - rank(b) || a.name.localeCompare(b.name))
    .slice(0, MAX_OFFERED)
}

/** Completes a name. @returns the text, and where the caret goes. */
export function complete(
  text: string,
  { start, typed }: MentionQuery,
  name: string,
): { readonly text: string; readonly caret: number } {
  const before = `${text.slice(0, start)}@${name} `
  return { text: before + text.slice(start + 1 + typed.length).replace(/^ /, ''), caret: before.length }
}
