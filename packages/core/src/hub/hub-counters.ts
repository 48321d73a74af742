import type { CloseCode, ErrorCode } from '@patchbay/protocol'

/** What a hub has done since it began, for metrics. Sizes in UTF-16 code units. */
export class HubCounters {
  /** Lines open now, by name of their transport. */
  readonly lines: Map<string, number> = new Map()
  sessionsOpened = 0
  /** Sessions that went on on another line: with this hub, or with that of another node, to which the line was passed on. */
  resumedHere = 0
  resumedElsewhere = 0
  /** Sessions that a client wanted to resume and that nobody has. */
  resumesLost = 0
  /** Seats taken, those included of members that come back. */
  joins = 0
  /** Messages passed from member to member, to sessions of this node and to those of others. */
  relayedHere = 0
  relayedHereSize = 0
  relayedAcross = 0
  relayedAcrossSize = 0
  /** Frames of other nodes that were in none of the known forms: of another version, or forged. */
  framesDropped = 0
  /** Lines refused, by the code of the close, and requests refused, by the code of the error. */
  readonly linesRefused: Map<CloseCode, number> = new Map()
  readonly requestsRefused: Map<ErrorCode, number> = new Map()

  lineOpened(transport: string): void {
    this.lines.set(transport, (this.lines.get(transport) ?? 0) + 1)
  }

  lineClosed(transport: string): void {
    this.lines.set(transport, (this.lines.get(transport) ?? 1) - 1)
  }

  relayed(size: number, isHere: boolean): void {
    if (isHere) {
      this.relayedHere += 1
      this.relayedHereSize += size
    } else {
      this.relayedAcross += 1
      this.relayedAcrossSize += size
    }
  }

  lineRefused(code: CloseCode): void {
    this.linesRefused.set(code, (this.linesRefused.get(code) ?? 0) + 1)
  }

  requestRefused(code: ErrorCode): void {
    this.requestsRefused.set(code, (this.requestsRefused.get(code) ?? 0) + 1)
  }
}
