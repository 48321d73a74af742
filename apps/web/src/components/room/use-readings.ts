import type { ChannelOptions } from '@patchbay/core/mesh'
import type { PeerId } from '@patchbay/protocol'
import { useChannel, useRoomConnection } from '@patchbay/react'
import { useEffect, useState } from 'react'
import * as v from 'valibot'

/** Readings shown of one device. */
const MAX_READINGS = 8

const schema = v.object({
  name: v.pipe(v.string(), v.regex(/^[\w -]{1,32}$/)),
  value: v.pipe(v.number(), v.finite()),
  unit: v.pipe(v.string(), v.regex(/^[^\p{C}]{0,16}$/u)),
})

/** A value that a device has measured. */
export type Reading = v.InferOutput<typeof schema>

const options: ChannelOptions<Reading> = { delivery: 'latest', schema }

/** What devices in the room measure: the newest value of each name. */
export function useReadings(): ReadonlyMap<PeerId, readonly Reading[]> {
  const mesh = useRoomConnection()?.mesh
  const channel = useChannel('reading', options)
  const [readings, setReadings] = useState<ReadonlyMap<PeerId, readonly Reading[]>>(new Map())
  useEffect(
    () =>
      channel?.onMessage((reading, from) =>
        setReadings((before) => {
          const others = (before.get(from) ?? []).filter(({ name }) => name !== reading.name)
          const here = new Set(mesh?.getSnapshot().map(({ info }) => info.id))
          const kept = [...before].filter(([id]) => here.has(id))
          return new Map(kept).set(from, [...others, reading].slice(-MAX_READINGS))
        }),
      ),
    [channel, mesh],
  )
  return readings
}
