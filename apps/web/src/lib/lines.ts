import { AUTO, type LineMemory } from '@patchbay/core/client'
import { plugs } from '@patchbay/lines'
import { site } from '../../site.config'
import { browser, read, write } from './storage'

/** Display name of a line. */
export function labelOfLine(name: string): string {
  return plugs.find((plug) => plug.name === name)?.label ?? name
}

/** Display name of the line that somebody is on; `undefined` where the site shows no lines. */
export function shownLine(name: string): string | undefined {
  return site.features.lineChoice ? labelOfLine(name) : undefined
}

const CHOICE_KEY = 'patchbay.line'
const PROVEN_KEY = 'patchbay.line.proven'

/** The line this person chose last, if it is one of `lines` and the site offers the choice: a name, or `auto`. */
export function rememberedLine(lines: readonly { readonly name: string }[]): string {
  if (!site.features.lineChoice) return AUTO
  const name = read(browser, CHOICE_KEY)
  return lines.find((line) => line.name === name)?.name ?? AUTO
}

/** Stores the choice for the next room. */
export function rememberLine(choice: string): void {
  write(browser, CHOICE_KEY, choice)
}

/** Remembers, per origin, the line that worked with `auto`. */
export const lineMemory: LineMemory = {
  read: () => read(browser, PROVEN_KEY),
  write: (name) => write(browser, PROVEN_KEY, name),
}
