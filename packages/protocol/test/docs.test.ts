import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import {
  closeCodeNames,
  errorCodeNames,
  isRetryable,
  clientMessageSchemas,
  closeCodes,
  conversationMessageSchemas,
  decodeClientMessage,
  decodeFileMessage,
  decodePeerMessage,
  decodeServerMessage,
  errorCodes,
  fileMessageSchemas,
  parseConversationMessage,
  parseHistory,
  peerMessageSchemas,
  serverMessageSchemas,
} from '../src/index.ts'

const read = (name: string) =>
  readFileSync(new URL(`../../../docs/${name}`, import.meta.url), 'utf8').replaceAll(/ +/g, ' ')
const page = read('protocol.md')

/** Sections of the page that contain messages, by heading. */
const tables = {
  'Client → server': { schemas: clientMessageSchemas, decode: decodeClientMessage },
  'Server → client': { schemas: serverMessageSchemas, decode: decodeServerMessage },
  'Peer → peer': { schemas: peerMessageSchemas, decode: decodePeerMessage },
} as const

test('docs/files.md shows every message once, as in the schemas', () => {
  const examples = [...read('files.md').matchAll(/```\n(\{[^`]*?)\n```/g)].map(([, text = '']) => text)
  expect(examples.map((example) => decodeFileMessage(example)?.type).toSorted()).toEqual(
    Object.keys(fileMessageSchemas).toSorted(),
  )
})

test('docs/conversation.md shows every message once, as in the schemas', () => {
  const examples = [...read('conversation.md').matchAll(/```\n(\{[^`]*?)\n```/g)].map(([, text = '']) => text)
  const types = examples.map((example) => parseConversationMessage(JSON.parse(example))?.type)
  expect(types.toSorted()).toEqual(Object.keys(conversationMessageSchemas).toSorted())
})

test('docs/conversation.md shows a message of the history', () => {
  const [, past = ''] = /```json\n([^`]*)```/.exec(read('conversation.md')) ?? []
  const item: unknown = JSON.parse(past)
  expect(parseHistory({ items: [item, { ...(item as object), text: '' }], more: false })?.items).toEqual([item])
})

function section(heading: string): string {
  const [, rest = ''] = page.split(`\n## ${heading}\n`)
  return rest.split('\n## ', 1)[0] ?? ''
}

describe('docs/protocol.md', () => {
  test.each(Object.entries(tables))('%s: shows every message once, as in the schemas', (heading, table) => {
    const examples = [...section(heading).matchAll(/```\n(\{[^`]*?)\n```/g)].map(([, text = '']) => text)
    const types = examples.map((example) => (table.decode(example) as { type: string }).type)
    expect(types.toSorted()).toEqual(Object.keys(table.schemas).toSorted())
  })

  test('lists every close code with its number, its sentence and whether to redial', () => {
    for (const [code, { number, sentence, retryable }] of Object.entries(closeCodes)) {
      expect(page).toContain(`| \`${code}\` | ${number} | ${sentence} | ${retryable ? 'yes' : 'no'} |`)
    }
  })

  test('lists every error code with its sentence', () => {
    for (const [code, { sentence, retryable }] of Object.entries(errorCodes)) {
      expect(page).toContain(`| \`${code}\` | ${sentence} | ${retryable ? 'yes' : 'no'} |`)
    }
  })
})

test('the names of codes are those of the tables, and say the same of dialing again', () => {
  expect(closeCodeNames.toSorted()).toEqual(Object.keys(closeCodes).toSorted())
  expect(errorCodeNames.toSorted()).toEqual(Object.keys(errorCodes).toSorted())
  for (const code of closeCodeNames) expect([code, isRetryable(code)]).toEqual([code, closeCodes[code].retryable])
})
