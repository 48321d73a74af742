import type { CloseCode } from '@patchbay/protocol'
import type { DialError, Dialer } from '../transport/index.ts'
import type { BackoffRange } from './backoff.ts'
import type { Outage, OutageCause } from './client-state.ts'

/** One attempt to open a line and be welcomed on it, and the line it became. */
export interface LineId {
  /** Number of the attempt, from 1. */
  readonly n: number
  readonly dialer: Dialer
}

/** What earlier attempts leave behind. */
export interface LineTally {
  /** Attempts begun. */
  readonly begun: number
  /** Rounds through all lines that failed since the last line that lasted. */
  readonly failures: number
  /** Those of them in which something answered: the back-off grows with these only. */
  readonly refusals: number
  /** The server asked not to be dialed before this time. */
  readonly notBefore: number
  /** Why the last line is gone. */
  readonly cause: OutageCause
  /** Why the last line that was dialed could not be opened. */
  readonly error: DialError | undefined
}

/** What a client has of a line to its server. */
export type LineState =
  /** No line. The next attempt is made at `retryAt` on the clock. */
  | { readonly is: 'idle'; readonly retryAt: number; readonly tally: LineTally }
  /** No line carries the session yet; this one is opening, or open and not welcomed. */
  | { readonly is: 'dialing'; readonly line: LineId; readonly open: boolean; readonly tally: LineTally }
  /** The line carries the session, since this time on the clock. */
  | { readonly is: 'up'; readonly line: LineId; readonly since: number; readonly tally: LineTally }
  /**
   * `from` carries the session, and `to` is to take over. Once the server is greeted on `to`, frames on `from` are
   * dropped: the server sends them again on `to`.
   */
  | {
      readonly is: 'moving'
      readonly from: LineId
      readonly since: number
      readonly to: LineId
      readonly open: boolean
      readonly greeted: boolean
      readonly tally: LineTally
    }
  | { readonly is: 'stopped' }

/** What happens to the lines of a client. */
export type LineEvent =
  /** The wait is over, or somebody asks not to wait. */
  | { readonly type: 'dial'; readonly dialer: Dialer; readonly timeoutMs: number }
  /** A session on another line is to move to this one. */
  | { readonly type: 'choose'; readonly dialer: Dialer }
  /** An attempt has opened its line. */
  | { readonly type: 'opened'; readonly line: LineId }
  /** The greeting has been sent on a line. */
  | { readonly type: 'greeted'; readonly line: LineId }
  /** The server's welcome arrived on the line heard. */
  | { readonly type: 'welcomed' }
  /** An attempt failed, or its line is gone. */
  | {
      readonly type: 'ended'
      readonly line: LineId
      /** The line was open. */
      readonly open: boolean
      /** The attempt timed out without any answer. */
      readonly unanswered: boolean
      readonly error: DialError | undefined
      /** No other line is left to try in this round. */
      readonly last: boolean
    }
  /** The session has given up the line that carried it, or has ended. */
  | { readonly type: 'lost'; readonly cause: OutageCause }
  /** What arrived on a line is not of this protocol, or there is nothing to greet with. `last`: no other line is left to try in this round. */
  | {
      readonly type: 'rejected'
      readonly line: LineId
      readonly cause: OutageCause
      readonly error?: DialError | undefined
      readonly last: boolean
    }
  /** The server ends the line heard with a code, and possibly a wait. */
  | { readonly type: 'refused'; readonly code: CloseCode; readonly retryAfterMs: number }
  | { readonly type: 'stop' }

/** What the keeper has to do. */
export type LineEffect =
  | { readonly type: 'dial'; readonly line: LineId; readonly timeoutMs: number }
  /** Abandon an attempt or its line; nothing more is heard of it. */
  | { readonly type: 'drop'; readonly line: LineId }
  /** Close a line; its end is still heard. */
  | { readonly type: 'close'; readonly line: LineId }
  /** Rate the dialer of a line. */
  | { readonly type: 'rate'; readonly line: LineId; readonly as: 'worked' | 'lasted' | 'failed' | 'unanswered' }
  /** Make the next attempt at `retryAt` of the state. */
  | { readonly type: 'wait' }
  /** Plan an attempt at a better line than the one in use, if there is one. */
  | { readonly type: 'plan'; readonly line: LineId }
  /** Greet the server on an open line. */
  | { readonly type: 'greet'; readonly line: LineId }
  /** An attempt failed before the welcome. */
  | { readonly type: 'unwelcome' }
  /** The line that carries the session is gone. */
  | { readonly type: 'lose'; readonly line: LineId }
  /** The session is on this line. */
  | { readonly type: 'arrived'; readonly line: LineId }
  /** The session did not get onto this line. */
  | { readonly type: 'missed'; readonly line: LineId; readonly error: DialError | undefined }
  /** There is no line. `over`: all lines have been tried. */
  | { readonly type: 'outage'; readonly outage: Outage; readonly over: boolean }

/** What a step needs to know besides the event. */
export interface LineMoment {
  /** On the client's clock. */
  readonly now: number
  /** In [0, 1). */
  readonly random: number
  readonly backoff: BackoffRange
}

/** What follows an event. */
export interface LineStep {
  readonly next: LineState
  readonly effects: readonly LineEffect[]
}
