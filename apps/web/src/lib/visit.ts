import type { ClientState } from '@patchbay/core/client'
import type { RosterState } from '@patchbay/core/signaling'

/**
 * Whether the server keeps this page out of the room, and a call goes on all the same: with those it is connected to.
 * @param people how many others there are.
 */
export function isKeptOut(roster: RosterState, people: number): boolean {
  return roster.status === 'refused' && roster.code === 'forbidden' && people > 0
}

/** Whether what is said reaches the room. @param people how many others there are. */
export function isIn(roster: RosterState, people: number): boolean {
  return roster.status === 'joined' || isKeptOut(roster, people)
}

/** Whether the visit cannot continue without an action by the person. @param people how many others there are. */
export function isOver(signaling: ClientState, roster: RosterState, people: number): boolean {
  if (signaling.status === 'closed' && signaling.code !== 'bye') return true
  return roster.status === 'refused' && !isKeptOut(roster, people)
}
