import { credentialOf, CURSOR_HEADER } from '../../src/wire.ts'

/**
 * Sends frames in a line's name, ends it and reads from it, with its id but without its secret.
 * @param next where the next request goes.
 */
export async function intrude(next: () => string, line: string, text: string): Promise<void> {
  for (const secret of ['', line, 'A'.repeat(43)]) {
    const headers = { authorization: credentialOf({ id: line, secret }), [CURSOR_HEADER]: '0' }
    const json = { ...headers, 'content-type': 'application/json' }
    for (const body of [{ frames: [text] }, { frames: [], leave: true }])
      await fetch(next(), { method: 'POST', headers: json, body: JSON.stringify(body) })
    await fetch(next(), { headers })
  }
}
