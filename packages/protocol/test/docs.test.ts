import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import {
  clientMessageSchemas,
  closeCodes,
  decodeClientMessage,
  decodePeerMessage,
  decodeServerMessage,
  errorCodes,
  peerMessageSchemas,
  serverMessageSchemas,
} from '../src/index.ts'

const page = readFileSync(new URL('../../../docs/protocol.md', import.meta.url), 'utf8').replaceAll(/ +/g, ' ')

/** Sections of the page that hold messages, by the heading they stand under. */
const tables = {
  'Client → server': { schemas: clientMessageSchemas, decode: decodeClientMessage },
  'Server → client': { schemas: serverMessageSchemas, decode: decodeServerMessage },
  'Peer → peer': { schemas: peerMessageSchemas, decode: decodePeerMessage },
} as const

function section(heading: string): string {
  const [, rest = ''] = page.split(`\n## ${heading}\n`)
  return rest.split('\n## ', 1)[0] ?? ''
}

describe('docs/protocol.md', () => {
  test.each(Object.entries(tables))('%s: shows every message, once, as the schemas have it', (heading, table) => {
    const examples = [...section(heading).matchAll(/```\n(\{[^`]*?)\n```/g)].map(([, text = '']) => text)
    const types = examples.map((example) => (table.decode(example) as { type: string }).type)
    expect(types.toSorted()).toEqual(Object.keys(table.schemas).toSorted())
  })

  test('lists every close code with its number, its sentence and whether to come back', () => {
    for (const [code, { number, sentence, comeBack }] of Object.entries(closeCodes)) {
      expect(page).toContain(`| \`${code}\` | ${number} | ${sentence} | ${comeBack ? 'yes' : 'no'} |`)
    }
  })

  test('lists every error code with its sentence', () => {
    for (const [code, { sentence, comeBack }] of Object.entries(errorCodes)) {
      expect(page).toContain(`| \`${code}\` | ${sentence} | ${comeBack ? 'yes' : 'no'} |`)
    }
  })
})
