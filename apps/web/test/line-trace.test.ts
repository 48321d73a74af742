import type { ConnectionHandlers, Dialer } from '@patchbay/core/transport'
import { expect, test } from 'vitest'
import { MAX_ENTRIES, trace, traced, traceEntries } from '../src/lib/line-trace'
import { reportOf } from '../src/lib/trace-report'

/** A line that anybody can send on. */
function createLine(name: string) {
  let far: ConnectionHandlers | undefined
  const sent: string[] = []
  const dialer: Dialer & { readonly more: string } = {
    name,
    more: 'kept',
    dial: (handlers) => {
      far = handlers
      return Promise.resolve({ id: '1', send: (text) => void sent.push(text), close: () => handlers.close('local') })
    },
  }
  return { dialer, sent, receive: (text: string) => far?.frame(text) }
}
const kindsOf = (line: string) =>
  traceEntries()
    .filter((entry) => entry.line === line)
    .map(({ what, kind, count }) => `${what} ${kind}${count === 1 ? '' : ` ×${count}`}`)
const facts = { originMs: 0, browser: 'a browser', facts: [] }

test('a line notes the types and sizes of what goes over it, and nothing that is in it', async () => {
  const { dialer, sent, receive } = createLine('noted')
  const got: string[] = []
  const noted = traced(dialer)
  expect(noted.more).toBe('kept')
  const handlers = { frame: (text: string) => void got.push(text), close: (why: string) => void got.push(why) }
  const line = await noted.dial(handlers, { signal: new AbortController().signal })
  const hello = '{"type":"hello","secret":"s3crét"}'
  line.send(hello)
  receive('{"type":"welcome","recovered":true,"you":"me"}')
  receive('{"type":"offer","from":"bob"}\na=ice-pwd:passw0rd\r\na=candidate:1 1 UDP 1 192.0.2.1 9 typ host')
  receive('nonsense passw0rd')
  line.close()
  expect(sent).toEqual([hello])
  expect(got).toHaveLength(4)
  expect(kindsOf('noted')).toEqual([
    'line dialed',
    'line opened',
    'sent hello',
    'received welcome, recovered',
    'received offer',
    'received unreadable',
    'line closed: local',
  ])
  const report = reportOf(traceEntries(), facts)
  expect(report).toContain(`noted sent hello ${hello.length + 1} B`)
  expect(report).not.toMatch(/s3crét|passw0rd|192\.0\.2\.1|bob/)
})

test('a line that does not open is noted, with its error passed on', async () => {
  const failing: Dialer = { name: 'failing', dial: () => Promise.reject(new Error('wss://192.0.2.1/?token=abc')) }
  const dial = (signal: AbortSignal) => traced(failing).dial({ frame: () => {}, close: () => {} }, { signal })
  await expect(dial(new AbortController().signal)).rejects.toThrow('192.0.2.1')
  await expect(dial(AbortSignal.abort())).rejects.toThrow('192.0.2.1')
  expect(kindsOf('failing')).toEqual(['line dialed', 'line not opened', 'line dialed', 'line given up'])
  expect(reportOf(traceEntries(), facts)).not.toContain('192.0.2.1')
})

test('heartbeats count as one entry, and no more than a bounded number of entries is kept', () => {
  for (let beat = 0; beat < 50; beat += 1) {
    trace('beating', 'sent', 'ping', 10)
    trace('beating', 'received', 'pong', 10)
    trace('beating', 'received', 'ping', 10)
    trace('beating', 'sent', 'pong', 10)
  }
  expect(kindsOf('beating')).toEqual(['sent ping ×50', 'received pong ×50', 'received ping ×50', 'sent pong ×50'])
  for (let n = 0; n < 2 * MAX_ENTRIES; n += 1) trace('busy', 'session', `${n}`)
  expect(traceEntries()).toHaveLength(MAX_ENTRIES)
  expect(traceEntries().at(-1)?.kind).toBe(`${2 * MAX_ENTRIES - 1}`)
})
