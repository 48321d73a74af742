import type { DialError, Dialer } from '../transport/index.ts'
import { backoffMs } from './backoff.ts'
import type { OutageCause } from './client-state.ts'
import type { LineEffect, LineEvent, LineId, LineMoment, LineState, LineStep, LineTally } from './line-state.ts'

/** A line that lasted this long counts as good, and the count of failed attempts restarts. */
const STEADY_MS = 5_000
/** Time for another line to take over a live session: less than the server waits for an acknowledgement. */
const MOVE_MS = 4_000

type In<Is extends LineState['is']> = Extract<LineState, { is: Is }>
type Active = Exclude<LineState, { is: 'stopped' }>
type On<Type extends LineEvent['type']> = Extract<LineEvent, { type: Type }>

/** Before the first attempt. */
export const noLine: LineState = {
  is: 'idle',
  retryAt: 0,
  tally: { begun: 0, failures: 0, refusals: 0, notBefore: 0, cause: 'lost', error: undefined },
}

/** The line whose frames are read, if there is one. */
export function heardLine(state: LineState): LineId | undefined {
  switch (state.is) {
    case 'dialing':
    case 'up':
      return state.line
    case 'moving':
      return state.greeted ? state.to : state.from
    default:
      return undefined
  }
}

/** Whether this line is open, and waits for the greeting. */
export function isToGreet(state: LineState, { n }: LineId): boolean {
  if (state.is === 'dialing') return state.line.n === n && state.open
  return state.is === 'moving' && state.to.n === n && state.open && !state.greeted
}

/** Lines of a client: which to dial, when to wait, and how a live session moves from one to another. */
export function nextLine(state: LineState, event: LineEvent, moment: LineMoment): LineStep {
  if (state.is === 'stopped') return stay(state)
  switch (event.type) {
    case 'dial':
      return dial(state, event, moment)
    case 'choose':
      return choose(state, event.dialer)
    case 'opened':
      return opened(state, event.line)
    case 'greeted':
      return state.is === 'moving' && state.to.n === event.line.n ? stay({ ...state, greeted: true }) : stay(state)
    case 'welcomed':
      return welcomed(state, moment)
    case 'ended':
      return ended(state, event, moment)
    case 'lost':
      return lost(state, event.cause, moment)
    case 'rejected':
      return rejected(state, event, moment)
    case 'refused':
      return refused(state, event, moment)
    case 'stop':
      return { next: { is: 'stopped' }, effects: linesOf(state).map(drop) }
  }
}

function stay(next: LineState, ...effects: readonly LineEffect[]): LineStep {
  return { next, effects }
}

function drop(line: LineId): LineEffect {
  return { type: 'drop', line }
}

function linesOf(state: Active): LineId[] {
  if (state.is === 'idle') return []
  return state.is === 'moving' ? [state.from, state.to] : [state.line]
}

function begin(tally: LineTally, dialer: Dialer): { readonly line: LineId; readonly tally: LineTally } {
  const n = tally.begun + 1
  return { line: { n, dialer }, tally: { ...tally, begun: n } }
}

function dial(state: Active, { dialer, timeoutMs }: On<'dial'>, { now }: LineMoment): LineStep {
  if (state.is === 'up' || state.is === 'moving') return stay(state)
  if (now < state.tally.notBefore) return state.is === 'idle' ? stay(state, { type: 'wait' }) : stay(state)
  const { line, tally } = begin(state.tally, dialer)
  const given = state.is === 'dialing' ? [drop(state.line)] : []
  return { next: { is: 'dialing', line, open: false, tally }, effects: [...given, { type: 'dial', line, timeoutMs }] }
}

function choose(state: Active, dialer: Dialer): LineStep {
  if (state.is === 'up') return move(state, state.line, dialer)
  // Once greeted, the new line cannot be given up: frames on the old one are no longer read.
  if (state.is !== 'moving' || state.greeted) return stay(state)
  const { next, effects } = move(state, state.from, dialer)
  return { next, effects: [drop(state.to), ...effects] }
}

function move({ since, tally }: In<'up'> | In<'moving'>, from: LineId, dialer: Dialer): LineStep {
  if (dialer === from.dialer) return arrive({ is: 'up', line: from, since, tally })
  const { line: to, tally: next } = begin(tally, dialer)
  return {
    next: { is: 'moving', from, since, to, open: false, greeted: false, tally: next },
    effects: [{ type: 'dial', line: to, timeoutMs: MOVE_MS }],
  }
}

function arrive(up: In<'up'>, ...before: readonly LineEffect[]): LineStep {
  const { line } = up
  return { next: up, effects: [...before, { type: 'arrived', line }, { type: 'plan', line }] }
}

function opened(state: Active, { n }: LineId): LineStep {
  const line = state.is === 'dialing' ? state.line : state.is === 'moving' ? state.to : undefined
  if (line?.n !== n) return stay(state)
  return { next: { ...state, open: true } as LineState, effects: [{ type: 'greet', line }] }
}

function welcomed(state: Active, { now }: LineMoment): LineStep {
  const line = heardLine(state)
  if (line === undefined || state.is === 'up') return stay(state)
  const tally = { ...state.tally, cause: 'lost', error: undefined } as const
  const before = linesOf(state).filter((one) => one !== line)
  return arrive({ is: 'up', line, since: now, tally }, ...before.map(drop), { type: 'rate', line, as: 'worked' })
}

function ended(state: Active, event: On<'ended'>, moment: LineMoment): LineStep {
  const { n } = event.line
  switch (state.is) {
    case 'idle':
      return stay(state)
    case 'dialing':
      return state.line.n === n ? undialed(state, event, moment) : stay(state)
    case 'up':
      return state.line.n === n ? goneUp(state, moment) : stay(state)
    case 'moving':
      if (state.to.n === n) return unmoved(state, event.error, moment)
      // Once the server is greeted on the new line, that one decides.
      return state.from.n === n && !state.greeted ? goneFrom(state, state.tally.cause, moment) : stay(state)
  }
}

/** An attempt failed before the welcome. */
function undialed(state: In<'dialing'>, event: On<'ended'>, moment: LineMoment): LineStep {
  const { line } = state
  // An error that says why is kept; a later `unreachable` says less.
  const says = event.error?.failure !== 'unreachable' || state.tally.error === undefined
  const tally = says ? { ...state.tally, error: event.error } : state.tally
  const cause = event.open ? tally.cause : 'unreachable'
  return tryNext(tally, { cause, last: event.last, unanswered: event.unanswered }, moment, [
    { type: 'unwelcome' },
    { type: 'rate', line, as: event.unanswered ? 'unanswered' : 'failed' },
    { type: 'missed', line, error: event.error },
  ])
}

function goneUp(state: In<'up'>, moment: LineMoment): LineStep {
  const { line, tally } = state
  const judged = judge(line, state, moment)
  return rest(judged.tally, tally.cause, moment, [{ type: 'lose', line }, judged.effect])
}

/** The line that was to take over is gone. */
function unmoved(
  { from, since, to, greeted, tally }: In<'moving'>,
  error: DialError | undefined,
  moment: LineMoment,
): LineStep {
  const missed = { type: 'missed', line: to, error } as const
  if (!greeted) return stay({ is: 'up', line: from, since, tally }, missed, { type: 'plan', line: from })
  // What came on the old line meanwhile was not read: the session resumes on the next one.
  return rest(tally, tally.cause, moment, [missed, { type: 'lose', line: from }, drop(from)])
}

/** The line that carried the session is gone; the one that was to take over is still dialed. */
function goneFrom(state: In<'moving'>, cause: OutageCause, moment: LineMoment): LineStep {
  const { from, to, open } = state
  const { tally, effect } = judge(from, state, moment)
  const { failures: attempt, error } = tally
  const outage = { attempt, cause, error, retryAt: moment.now }
  return {
    next: { is: 'dialing', line: to, open, tally },
    effects: [{ type: 'lose', line: from }, drop(from), effect, { type: 'outage', outage, over: true }],
  }
}

function lost(state: Active, cause: OutageCause, moment: LineMoment): LineStep {
  switch (state.is) {
    case 'idle':
      return rest(state.tally, cause, moment)
    case 'dialing':
      return rest(state.tally, cause, moment, [
        drop(state.line),
        { type: 'missed', line: state.line, error: undefined },
      ])
    case 'up': {
      const { tally, effect } = judge(state.line, state, moment)
      return rest(tally, cause, moment, [drop(state.line), effect])
    }
    case 'moving':
      return goneFrom(state, cause, moment)
  }
}

/**
 * A line that cannot be understood carries nothing any more, and neither does one that it was to replace. One that was not
 * greeted yet leaves the session where it is.
 */
function rejected(state: Active, { line, cause, error, last }: On<'rejected'>, moment: LineMoment): LineStep {
  if (state.is === 'moving' && line.n === state.to.n && !state.greeted) {
    const { next, effects } = unmoved(state, error, moment)
    return { next, effects: [drop(line), ...effects] }
  }
  if (heardLine(state)?.n !== line.n) return stay(state)
  return tryNext({ ...state.tally, error: error ?? state.tally.error }, { cause, last, unanswered: false }, moment, [
    ...linesOf(state).map(drop),
    { type: 'rate', line, as: 'failed' },
    { type: 'missed', line, error },
  ])
}

function refused(state: Active, { code, retryAfterMs }: On<'refused'>, { now }: LineMoment): LineStep {
  const line = heardLine(state)
  const next = { ...state, tally: { ...state.tally, cause: code, notBefore: now + retryAfterMs } }
  return stay(next, ...(line === undefined ? [] : [{ type: 'close', line } as const]))
}

/** Rates a line that carried a session by how long it lasted. */
function judge(
  line: LineId,
  { since, tally }: In<'up'> | In<'moving'>,
  { now }: LineMoment,
): { readonly tally: LineTally; readonly effect: LineEffect } {
  const steady = now - since >= STEADY_MS
  const failures = steady ? 0 : tally.failures + 1
  return {
    tally: { ...tally, failures, refusals: failures },
    effect: { type: 'rate', line, as: steady ? 'lasted' : 'failed' },
  }
}

/** After a failed attempt, dials the next line at once, or, when all have failed, the first one after a back-off. */
function tryNext(
  tally: LineTally,
  { cause, last, unanswered }: { readonly cause: OutageCause; readonly last: boolean; readonly unanswered: boolean },
  moment: LineMoment,
  effects: readonly LineEffect[],
): LineStep {
  if (!last) return rest(tally, cause, moment, effects, false)
  const failures = tally.failures + 1
  // When nothing answers, the dial timeout is the back-off, and recovery is noticed sooner.
  return rest({ ...tally, failures, refusals: unanswered ? 0 : tally.refusals + 1 }, cause, moment, effects)
}

/** No line, until the wait is over. */
function rest(
  tally: LineTally,
  cause: OutageCause,
  { now, random, backoff }: LineMoment,
  effects: readonly LineEffect[] = [],
  over = true,
): LineStep {
  const retryAt = Math.max(now, tally.notBefore) + (over ? backoffMs(tally.refusals, random, backoff) : 0)
  const outage = { attempt: tally.failures, cause, error: tally.error, retryAt }
  return {
    next: { is: 'idle', retryAt, tally },
    effects: [...effects, { type: 'wait' }, { type: 'outage', outage, over }],
  }
}
