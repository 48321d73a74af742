import { expect, test } from 'vitest'
import type { SendSample } from '../src/mesh/media/link-quality.ts'
import { SendSampler } from '../src/mesh/media/send-sample.ts'

type Entry = { readonly id: string } & Readonly<Record<string, unknown>>

const path = { id: 'p', type: 'candidate-pair', nominated: true, state: 'succeeded', availableOutgoingBitrate: 900_000 }
const sound = { id: 'a', type: 'outbound-rtp', kind: 'audio' }
const camera = { id: 'v', type: 'outbound-rtp', kind: 'video' }

/** Samples these reports, one after the other. */
async function samplesOf(...reports: readonly (readonly Entry[])[]) {
  const left = [...reports]
  const getStats = () => Promise.resolve(new Map((left.shift() ?? []).map((stat) => [stat.id, stat])))
  const sampler = new SendSampler({ getStats } as unknown as RTCPeerConnection)
  const samples: (SendSample | undefined)[] = []
  for (const _ of reports) samples.push(await sampler.read())
  return samples
}

test('a sample has what was sent since the last one, sound included, and how busy the encoder was', async () => {
  const begun = { framesEncoded: 10, bytesSent: 5_000, totalEncodeTime: 1, timestamp: 1_000 }
  const after = { framesEncoded: 30, bytesSent: 55_000, totalEncodeTime: 1.5, timestamp: 3_000 }
  const [first, second] = await samplesOf(
    [path, { ...camera, ...begun }, { ...sound, bytesSent: 100, timestamp: 1_000 }],
    [path, { ...camera, ...after }, { ...sound, bytesSent: 10_100, timestamp: 3_000 }],
  )
  expect(first).toBeUndefined()
  expect(second).toMatchObject({ availableBitrate: 900_000, sentBitrate: 8 * 30_000, encoding: 0.25 })
})

test('there is no sample while no picture is sent: none yet, or one that is shown to nobody', async () => {
  const still = { ...camera, framesEncoded: 10, bytesSent: 5_000 }
  const samples = await samplesOf(
    [path, { ...sound, timestamp: 1_000 }],
    [path, { ...camera, framesEncoded: 0, timestamp: 2_000 }],
    [path, { ...still, timestamp: 3_000 }],
    [path, { ...still, timestamp: 4_000 }],
    [path, { ...still, framesEncoded: 11, timestamp: 5_000 }],
  )
  expect(samples.map((sample) => sample !== undefined)).toEqual([false, false, true, false, true])
})

test('of two pictures nothing says how much of the estimate is filled', async () => {
  const screen = { ...camera, id: 's' }
  const both = (framesEncoded: number, timestamp: number) =>
    [camera, screen].map((one) => ({ ...one, framesEncoded, bytesSent: 1_000 * framesEncoded, timestamp }))
  const [, second] = await samplesOf([path, ...both(1, 1_000)], [path, ...both(2, 2_000)])
  expect(second).toMatchObject({ availableBitrate: 900_000, sentBitrate: Infinity })
})

test('what the other end reported before a pause says nothing of what is sent after it', async () => {
  const at = (framesEncoded: number, timestamp: number) => ({ ...camera, framesEncoded, timestamp })
  const told = { id: 'r', type: 'remote-inbound-rtp', kind: 'video', localId: 'v' }
  const before = { ...told, fractionLost: 0.5, roundTripTime: 2, timestamp: 1_900 }
  const after = { ...told, fractionLost: 0.25, roundTripTime: 1, timestamp: 4_900 }
  const samples = await samplesOf(
    [path, at(10, 1_000)],
    [path, at(20, 2_000), before],
    [path, at(20, 3_000), before],
    [path, at(30, 4_000), before],
    [path, at(40, 5_000), after],
    // Of two pictures, one is paused.
    [path, at(50, 6_000), { ...camera, id: 's', framesEncoded: 1, timestamp: 6_000 }, after],
    [path, at(50, 7_000), { ...camera, id: 's', framesEncoded: 9, timestamp: 7_000 }, after],
  )
  const known = samples.map((sample) => sample && [sample.loss, sample.roundTripMs])
  const none = [0, undefined]
  expect(known).toEqual([undefined, [0.5, 2_000], undefined, none, [0.25, 1_000], [0.25, 1_000], none])
})
