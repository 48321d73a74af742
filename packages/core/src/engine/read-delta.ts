import { parsePeerInfo, type PeerId, type RemoveReason, type SessionId } from '@patchbay/protocol'
import { isNodeId, type RoomDelta, type Seat } from './engine.ts'
import { readRules } from './room-rules.ts'

const ID = /^[\w-]{22}$/

/** @returns a seat as another node has written it; `undefined` for anything else. */
export function readSeat(value: unknown): Seat | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const { node, session, info, state } = value as Record<string, unknown>
  const peer = parsePeerInfo(info)
  if (typeof node !== 'string' || !isNodeId(node) || typeof session !== 'string' || !ID.test(session)) return undefined
  if (peer === undefined || (state !== 'in' && state !== 'lost' && state !== 'moving')) return undefined
  return { node, session: session as SessionId, info: peer, state }
}

/** @returns a change as another node has written it; `undefined` for anything else. */
export function readDelta(text: string): RoomDelta | undefined {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return undefined
  }
  if (typeof value !== 'object' || value === null) return undefined
  const { epoch, offset, type, seat, rules, isEntry, peer, session, reason } = value as Record<string, unknown>
  if (typeof epoch !== 'string' || typeof offset !== 'number' || !Number.isSafeInteger(offset)) return undefined
  if (type === 'put') {
    const read = readSeat(seat)
    const first = rules === undefined ? undefined : readRules(rules)
    const isNew = isEntry === true && ({ isEntry } as const)
    return read && { epoch, offset, type, seat: read, ...(first && { rules: first }), ...isNew }
  }
  if (type === 'rules') {
    const read = readRules(rules)
    return read && { epoch, offset, type, rules: read }
  }
  if (type === 'unknown') return { epoch, offset, type }
  if (type !== 'remove' || typeof peer !== 'string' || typeof session !== 'string') return undefined
  if (!ID.test(peer) || !ID.test(session)) return undefined
  if (reason !== undefined && reason !== 'left' && reason !== 'lost') return undefined
  return {
    epoch,
    offset,
    type,
    peer: peer as PeerId,
    session: session as SessionId,
    ...(reason !== undefined && { reason: reason satisfies RemoveReason }),
  }
}
