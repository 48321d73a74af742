/** How the stage is arranged: everyone alike, or who speaks large. */
export type StageLayout = 'grid' | 'speaker'

/** A tile, as far as its place depends on it. */
export interface PlanTile {
  readonly key: string
  readonly screen?: boolean
  readonly self?: boolean
}

/** What the person has chosen. */
export interface StageChoice {
  readonly layout: StageLayout
  readonly hidesSelf: boolean
  /** Key of the tile that stays large. */
  readonly pinned: string | undefined
}

/** Tiles in the main part of the stage, and those in the strip; in a grid the strip is empty. */
export interface StagePlan {
  readonly featured: readonly string[]
  readonly strip: readonly string[]
}

/**
 * Decides which tiles are large: the pinned one, else the screens of the others, else who speaks if that was chosen.
 * @param speaker key of the tile of whoever speaks, or spoke last.
 */
export function planStage(tiles: readonly PlanTile[], choice: StageChoice, speaker: string | undefined): StagePlan {
  const others = tiles.filter(({ self, screen }) => self !== true || screen === true)
  const shown = choice.hidesSelf && others.length > 0 ? others : tiles
  const keys = shown.map(({ key }) => key)
  const featured = chooseFeatured(shown, choice, speaker)
  if (featured.length === 0 || featured.length === keys.length) return { featured: keys, strip: [] }
  return { featured, strip: keys.filter((key) => !featured.includes(key)) }
}

function chooseFeatured(
  shown: readonly PlanTile[],
  { layout, pinned }: StageChoice,
  speaker: string | undefined,
): readonly string[] {
  if (shown.some(({ key }) => key === pinned)) return [pinned as string]
  const screens = shown.filter(({ screen, self }) => screen === true && self !== true)
  if (screens.length > 0) return screens.map(({ key }) => key)
  const people = shown.filter(({ screen, self }) => screen !== true && self !== true)
  if (layout === 'grid') return []
  const large = people.find(({ key }) => key === speaker) ?? people[0]
  return large === undefined ? [] : [large.key]
}

/** Whoever speaks is shown until somebody else speaks while they are silent. */
export function nextSpeaker(current: string | undefined, speaking: ReadonlySet<string>): string | undefined {
  if (current !== undefined && speaking.has(current)) return current
  const [first] = speaking
  return first ?? current
}
