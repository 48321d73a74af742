import type { Transfer } from '@patchbay/core/files'

/** Outcomes that are said one after the other when many come at once: the last ones. */
const MOST_SAID = 5

/** Whether a transfer has ended, well or badly. */
export function isOver({ state }: Pick<Transfer, 'state'>): boolean {
  return state.phase === 'done' || state.phase === 'stopped'
}

/**
 * Keys of transfers whose end is to be said: those that were under way before and have ended, after those that were said already.
 * @param before the transfers that were seen last.
 */
export function newlyOver(
  before: readonly Pick<Transfer, 'key' | 'state'>[],
  transfers: readonly Pick<Transfer, 'key' | 'state'>[],
  said: readonly string[],
): readonly string[] {
  const underWay = new Set(before.filter((transfer) => !isOver(transfer)).map(({ key }) => key))
  const ended = transfers.filter((transfer) => isOver(transfer) && underWay.has(transfer.key)).map(({ key }) => key)
  return [...said.filter((key) => !ended.includes(key)), ...ended].slice(-MOST_SAID)
}
