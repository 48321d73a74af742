import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import type { LineEffect, LineEvent, LineId, LineState } from '../src/client/line-state.ts'
import { heardLine, isToGreet, nextLine, noLine } from '../src/client/next-line.ts'
import { DialError, type Dialer } from '../src/transport/index.ts'

const dialers: readonly Dialer[] = ['a', 'b'].map((name) => ({ name, dial: () => Promise.reject(new Error(name)) }))
const backoff = { minMs: 250, maxMs: 8_000 }

/** The keeper's half without lines: which attempts are alive, and what was asked for. */
class Model {
  state: LineState = noLine
  now = 0
  readonly alive = new Map<number, { readonly line: LineId; open: boolean }>()
  waiting = true
  readonly seen: LineEffect[] = []

  do(event: LineEvent): readonly LineEffect[] {
    const before = this.state
    const { next, effects } = nextLine(before, event, { now: this.now, random: 0.5, backoff })
    if (next.is !== before.is) this.waiting = false
    this.state = next
    if (event.type === 'ended') this.alive.delete(event.line.n)
    for (const effect of effects) {
      this.seen.push(effect)
      if (effect.type === 'dial') this.alive.set(effect.line.n, { line: effect.line, open: false })
      if (effect.type === 'drop') this.alive.delete(effect.line.n)
      if (effect.type === 'wait') this.waiting = true
    }
    return effects
  }
}

const dialer = fc.constantFrom(...dialers)
const error = new DialError('a', 'no')
/** Events as they can happen: of lines that are alive, and of whoever uses the keeper. */
const action = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('dial' as const), dialer }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constantFrom('open' as const, 'greet' as const, 'end' as const),
      which: fc.nat(3),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('choose' as const), dialer }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('welcomed' as const) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constantFrom('lost' as const, 'rejected' as const, 'refused' as const),
      last: fc.boolean(),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('pass' as const), ms: fc.integer({ min: 0, max: 10_000 }) }) },
)

type Action = typeof action extends fc.Arbitrary<infer T> ? T : never

function run(model: Model, act: Action): void {
  switch (act.kind) {
    case 'dial':
      return void model.do({ type: 'dial', dialer: act.dialer, timeoutMs: 1_000 })
    case 'choose':
      return void model.do({ type: 'choose', dialer: act.dialer })
    case 'open':
    case 'greet':
    case 'end': {
      const one = [...model.alive.values()][act.which]
      if (one === undefined) return
      if (act.kind === 'greet') {
        if (isToGreet(model.state, one.line)) model.do({ type: 'greeted', line: one.line })
      } else if (act.kind === 'end') {
        const { line, open } = one
        model.do({ type: 'ended', line, open, unanswered: false, error: open ? undefined : error, last: true })
      } else if (!one.open) {
        one.open = true
        model.do({ type: 'opened', line: one.line })
      }
      return
    }
    case 'welcomed': {
      const heard = heardLine(model.state)
      if (heard !== undefined && model.alive.get(heard.n)?.open === true) model.do({ type: 'welcomed' })
      return
    }
    case 'lost':
      return void model.do({ type: 'lost', cause: 'silent' })
    case 'rejected': {
      const line = heardLine(model.state)
      return line && void model.do({ type: 'rejected', line, cause: 'bad_message', last: act.last })
    }
    case 'refused':
      return void model.do({ type: 'refused', code: 'restarting', retryAfterMs: act.last ? 3_000 : 0 })
    case 'pass':
      model.now += act.ms
  }
}

function check(model: Model): void {
  const { state, alive } = model
  const lines = state.is === 'moving' ? [state.from, state.to] : 'line' in state ? [state.line] : []
  // Every line that is not part of the state has been dropped or has ended; no line of the state has.
  const ended = state.is === 'moving' && state.greeted ? [state.from.n] : []
  expect([...alive.keys(), ...ended.filter((n) => !alive.has(n))].toSorted((a, b) => a - b)).toEqual(
    lines.map(({ n }) => n).toSorted((a, b) => a - b),
  )
  // Whoever has no line waits for the next attempt.
  if (state.is === 'idle') expect(model.waiting || state === noLine).toBe(true)
}

test('whatever happens in whatever order, no line is forgotten, and without a line another attempt is planned', () => {
  fc.assert(
    fc.property(fc.array(action, { maxLength: 60 }), (actions) => {
      const model = new Model()
      for (const act of actions) {
        run(model, act)
        check(model)
      }
      model.do({ type: 'stop' })
      expect([model.state, model.alive.size]).toEqual([{ is: 'stopped' }, 0])
      for (const act of actions) run(model, act)
      expect(model.state).toEqual({ is: 'stopped' })
    }),
    { numRuns: 2_000 },
  )
})

test('from any state, lines that open and servers that answer bring the session onto a line', () => {
  fc.assert(
    fc.property(fc.array(action, { maxLength: 40 }), (actions) => {
      const model = new Model()
      const isUp = () => model.state.is === 'up'
      for (const act of actions) run(model, act)
      for (let tries = 0; tries < 4 && !isUp(); tries += 1) {
        model.now += 20_000
        run(model, { kind: 'dial', dialer: dialers[0]! })
        for (let which = 0; which < 2; which += 1) {
          run(model, { kind: 'open', which })
          run(model, { kind: 'greet', which })
        }
        run(model, { kind: 'welcomed' })
        // A server that refused the line has closed it.
        if (!isUp()) run(model, { kind: 'end', which: 0 })
      }
      expect(isUp()).toBe(true)
    }),
    { numRuns: 1_000 },
  )
})

test('the session is told once that its line is gone, and only of one that carried it', () => {
  fc.assert(
    fc.property(fc.array(action, { maxLength: 60 }), (actions) => {
      const model = new Model()
      const carried = new Set<number>()
      for (const act of actions) {
        run(model, act)
        if (model.state.is === 'up') carried.add(model.state.line.n)
      }
      const told = model.seen.flatMap((effect) => (effect.type === 'lose' ? [effect.line.n] : []))
      expect(new Set(told).size).toBe(told.length)
      expect(told.filter((n) => !carried.has(n))).toEqual([])
    }),
    { numRuns: 1_000 },
  )
})

test('an attempt that was asked for while another is under way takes its place', () => {
  const model = new Model()
  model.do({ type: 'dial', dialer: dialers[0]!, timeoutMs: 1_000 })
  const effects = model.do({ type: 'dial', dialer: dialers[1]!, timeoutMs: 2_000 })
  expect(effects).toMatchObject([
    { type: 'drop', line: { n: 1 } },
    { type: 'dial', line: { n: 2 }, timeoutMs: 2_000 },
  ])
})

test('a timer that fires too early waits again instead of dialing before the server allows it', () => {
  const model = new Model()
  model.do({ type: 'dial', dialer: dialers[0]!, timeoutMs: 1_000 })
  model.do({ type: 'opened', line: { n: 1, dialer: dialers[0]! } })
  model.do({ type: 'refused', code: 'restarting', retryAfterMs: 3_000 })
  model.do({
    type: 'ended',
    line: { n: 1, dialer: dialers[0]! },
    open: true,
    unanswered: false,
    error: undefined,
    last: true,
  })
  expect(model.state).toMatchObject({ is: 'idle', tally: { cause: 'restarting' } })
  model.now = 2_999.5
  expect(model.do({ type: 'dial', dialer: dialers[0]!, timeoutMs: 1_000 })).toEqual([{ type: 'wait' }])
  model.now = 3_000
  expect(model.do({ type: 'dial', dialer: dialers[0]!, timeoutMs: 1_000 })).toMatchObject([{ type: 'dial' }])
})

/** A session on line 1, which is to move to line 2; that one is open, and not greeted yet. */
function moving(): Model {
  const model = new Model()
  const [one, two] = dialers as [Dialer, Dialer]
  model.do({ type: 'dial', dialer: one, timeoutMs: 1_000 })
  model.do({ type: 'opened', line: { n: 1, dialer: one } })
  model.do({ type: 'welcomed' })
  model.do({ type: 'choose', dialer: two })
  model.do({ type: 'opened', line: { n: 2, dialer: two } })
  return model
}

test('the line that carries a session is heard until the server is greeted on the next one', () => {
  const model = moving()
  expect(heardLine(model.state)).toMatchObject({ n: 1 })
  model.do({ type: 'greeted', line: { n: 2, dialer: dialers[1]! } })
  expect(heardLine(model.state)).toMatchObject({ n: 2 })
})

test('the line before is dropped when the server has answered on the next one', () => {
  const model = moving()
  model.do({ type: 'greeted', line: { n: 2, dialer: dialers[1]! } })
  model.do({ type: 'welcomed' })
  expect([model.state.is, ...model.alive.keys()]).toEqual(['up', 2])
})

test('without anything to greet with on the next line, a session stays on the one it has', () => {
  const model = moving()
  const line = { n: 2, dialer: dialers[1]! }
  const effects = model.do({ type: 'rejected', line, cause: 'no_token', error, last: true })
  expect(effects.map(({ type }) => type)).toEqual(['drop', 'missed', 'plan'])
  expect(model.state).toMatchObject({ is: 'up', line: { n: 1 } })
})

test('when the line of a session ends before the next one is greeted, that one is greeted all the same', () => {
  const model = moving()
  model.do({ type: 'ended', line: { n: 1, dialer: dialers[0]! }, open: true, unanswered: false, error, last: true })
  expect(isToGreet(model.state, { n: 2, dialer: dialers[1]! })).toBe(true)
})
