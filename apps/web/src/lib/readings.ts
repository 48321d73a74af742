import type { PeerId } from '@patchbay/protocol'
import * as v from 'valibot'

/** Readings shown of one device. */
const MAX_READINGS = 8
/** Between two changes of what is shown, in milliseconds: anybody may send hundreds of readings a second. */
const CHANGE_MS = 100

/** What a reading looks like on the wire. */
export const readingSchema = v.object({
  name: v.pipe(v.string(), v.regex(/^[\w -]{1,32}$/)),
  value: v.pipe(v.number(), v.finite()),
  unit: v.pipe(v.string(), v.regex(/^[^\p{C}]{0,16}$/u)),
})

/** A value that a device has measured. */
export type Reading = v.InferOutput<typeof readingSchema>

/** Takes readings as they come. */
interface ReadingCollector {
  readonly add: (reading: Reading, from: PeerId) => void
  readonly stop: () => void
}

/** Collects the newest value of each name. @param show gets them, of those who are here, at most once in a tenth of a second. */
export function collectReadings(
  isHere: (id: PeerId) => boolean,
  show: (readings: ReadonlyMap<PeerId, readonly Reading[]>) => void,
): ReadingCollector {
  let readings = new Map<PeerId, readonly Reading[]>()
  let change: ReturnType<typeof setTimeout> | undefined
  const publish = () => {
    change = undefined
    readings = new Map([...readings].filter(([id]) => isHere(id)))
    show(new Map(readings))
  }
  return {
    add: (reading, from) => {
      const others = (readings.get(from) ?? []).filter(({ name }) => name !== reading.name)
      readings.set(from, [...others, reading].slice(-MAX_READINGS))
      change ??= setTimeout(publish, CHANGE_MS)
    },
    stop: () => clearTimeout(change),
  }
}
