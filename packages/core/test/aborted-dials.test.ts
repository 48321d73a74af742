import { expect, test } from 'vitest'
import { askForCredentials, type Dialer, lazyDialer } from '../src/transport/index.ts'
import { drainMicrotasks } from './support/manual-clock.ts'

const nobody = { frame: () => {}, close: () => {} }
const unreachable: Dialer = { name: 'test', dial: () => Promise.reject(new Error('dialed')) }

test('[T6] asking for credentials ends with the abort, though the token never comes', async () => {
  const stop = new AbortController()
  const token = () => new Promise<string>(() => {})
  const asking = askForCredentials({ server: 'http://127.0.0.1:9', line: 'sip', token })({ signal: stop.signal })
  stop.abort(new Error('changed my mind'))
  await expect(asking).rejects.toThrow('changed my mind')
})

test('[T6] a dial ends with the abort, though the code of its line never comes', async () => {
  const stop = new AbortController()
  const dialing = lazyDialer('test', () => new Promise(() => {})).dial(nobody, stop)
  stop.abort(new Error('changed my mind'))
  await expect(dialing).rejects.toThrow('changed my mind')
})

test('code that comes after the abort, or fails to, is there for the next dial, or loaded again', async () => {
  const loads: ((loaded: Dialer | Error) => void)[] = []
  const dialer = lazyDialer(
    'test',
    () =>
      new Promise((resolve, reject) =>
        loads.push((loaded) => (loaded instanceof Error ? reject(loaded) : resolve(loaded))),
      ),
  )
  for (const loaded of [new Error('no network'), unreachable]) {
    const stop = new AbortController()
    const dialing = dialer.dial(nobody, stop)
    stop.abort(new Error('changed my mind'))
    await expect(dialing).rejects.toThrow('changed my mind')
    loads.at(-1)?.(loaded)
    await drainMicrotasks()
  }
  await expect(dialer.dial(nobody, { signal: AbortSignal.timeout(5_000) })).rejects.toThrow('dialed')
  expect(loads).toHaveLength(2)
})
