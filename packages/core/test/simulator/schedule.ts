import { Random } from '@patchbay/fault-proxy'

/** Number of pages. */
export const MAX_PAGES = 4
const DURATION_MS = 20_000

/** One step and its time. `who` selects a page among those that can perform it. */
export interface Step {
  readonly at: number
  readonly what: Kind
  readonly who: number
}

const basicKinds = [
  'join', 'join', 'join', 'leave', 'crash', 'reload', 'chat', 'chat', 'chat', 'camera', 'camera', 'microphone', 'cut', 'cut',
  'silence', 'dark', 'light', 'restart', 'drain', 'unreachable', 'reachable', 'glare', 'relay', 'relay',
] as const // prettier-ignore
const lineKinds = [...basicKinds, 'switch', 'switch', 'switch', 'block', 'unblock'] as const
const allKinds = [
  ...lineKinds, 'chat', 'chat', 'chat', 'split', 'split', 'split', 'roam', 'file', 'file', 'file', 'reload', 'reload', 'dark', 'light',
] as const // prettier-ignore

/** What befalls several servers, and what they share. */
const nodeKinds = [...lineKinds, 'sever', 'sever', 'mend', 'slow', 'quick', 'forget', 'restart', 'drain'] as const

/** What a host does besides. */
const hostKinds = ['lock', 'lock', 'unlock', 'remove'] as const

/** Options of a schedule: lines to the server, best first, and possible steps. */
export interface Scenery {
  readonly lines: readonly string[]
  readonly kinds: readonly Kind[]
  /** Servers that share rooms; a line may reach any of them. */
  readonly nodes?: number
  /** The first page is a host. */
  readonly isHosted?: true
}

type Kind = (typeof allKinds)[number] | (typeof nodeKinds)[number] | (typeof hostKinds)[number]

/** Pages with one line each. */
export const oneLine: Scenery = { lines: ['first'], kinds: basicKinds }
/** Pages that fall back, move up and switch lines. */
export const threeLines: Scenery = { lines: ['first', 'second', 'third'], kinds: lineKinds }
/** Pages whose paths to each other die until ICE finds others, while they send each other files. */
export const brokenPaths: Scenery = { ...threeLines, kinds: allKinds }

/** Pages whose lines reach any of three servers. */
export const manyNodes: Scenery = { ...threeLines, kinds: nodeKinds, nodes: 3 }

/** The same, and the first page locks the room, opens it and removes others. */
export const hostedNodes: Scenery = { ...manyNodes, kinds: [...nodeKinds, ...hostKinds], isHosted: true }

/** A schedule of steps, determined by its seed. */
export function createSchedule(seed: number, { kinds }: Scenery): Step[] {
  const random = new Random(seed)
  const steps = Array.from({ length: random.int(5, 40) }, () => ({
    at: random.int(0, DURATION_MS),
    what: random.pick(kinds) ?? 'join',
    who: random.int(0, MAX_PAGES - 1),
  }))
  return [{ at: 0, what: 'join' as const, who: 0 }, { at: 0, what: 'join' as const, who: 1 }, ...steps].toSorted(
    (a, b) => a.at - b.at,
  )
}
