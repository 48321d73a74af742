import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'

const root = new URL('../../../', import.meta.url)

function read(path: string): string {
  return readFileSync(new URL(path, root), 'utf8')
}

function testFiles(folder: string): string[] {
  return readdirSync(new URL(folder, root), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(test|spec)\.tsx?$/.test(name) && !name.includes('node_modules'))
    .map((name) => `${folder}${name}`)
}

const tests = ['packages/', 'apps/', 'e2e/'].flatMap(testFiles).map(read).join('\n')
/** Ids of the rules that a kit runs. */
const idsIn = (kit: string) => () =>
  [...read(`packages/${kit}/src/rules.ts`).matchAll(/id: '([A-Z]\d+)'/g)].map(([, id]) => id)

describe.each([
  ['docs/session.md', 'S', () => [...tests.matchAll(/['`]\[(S\d+)\]/g)].map(([, id]) => id)],
  ['docs/reliability.md', 'R', () => [...tests.matchAll(/\[(R\d+)\]/g)].map(([, id]) => id)],
  ['docs/transport-contract.md', 'T', idsIn('transport-conformance')],
  ['docs/engine-contract.md', 'E', idsIn('engine-conformance')],
  ['docs/room-signaling.md', 'G', idsIn('signaling-conformance')],
])('%s', (page, letter, cited) => {
  test('has a test for every rule, and no test cites an unknown rule', () => {
    const rules = [...read(page).matchAll(new RegExp(`^[-|] \\*\\*(${letter}\\d+)\\*\\*`, 'gm'))].map(([, id]) => id)
    expect(rules.length).toBeGreaterThan(0)
    expect([...new Set(cited())].toSorted()).toEqual(rules.toSorted())
  })
})
