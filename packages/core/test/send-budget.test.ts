import { expect, test } from 'vitest'
import {
  idleCpu,
  judgeCpu,
  judgeLink,
  type LinkQuality,
  newLink,
  type SendSample,
} from '../src/mesh/media/link-quality.ts'
import { LAST_RUNG, limitSending, MAX_CAMERAS, objectionTo } from '../src/mesh/media/send-budget.ts'

const calm: SendSample = {
  availableBitrate: 3_000_000,
  loss: 0,
  roundTripMs: 20,
  sentBitrate: 1_000_000,
  cpuLimited: false,
  encoding: 0.1,
}

const judge = (link: LinkQuality, sample: Partial<SendSample>, times: number) => {
  let judged = link
  for (let i = 0; i < times; i += 1) judged = judgeLink(judged, { ...calm, ...sample })
  return judged
}

/** A path that has carried full-size video for a while. */
const settled = judge(newLink, {}, 20)
/** The same once it has become slower, in two steps. */
const slow = judge(judge(settled, { availableBitrate: 500_000 }, 2), { availableBitrate: 300_000 }, 2)
/** The same in a browser without a bandwidth estimate. */
const settledBlind = judge(newLink, { availableBitrate: undefined }, 20)

test('the camera bitrate falls with the number of people, but never to zero', () => {
  const rates = [1, 2, 3, 6, 10, 20, 99].map((people) => limitSending(people, 0).camera.maxBitrate)
  expect(rates).toEqual([1_500_000, 1_500_000, 900_000, 600_000, 360_000, 180_000, 120_000])
  const heights = [1, 2, 3, 6, 10, 99].map((people) => limitSending(people, 0).camera.maxHeight)
  expect(heights).toEqual([720, 720, 480, 480, 360, 240])
})

test('audio is never reduced and always has priority over video', () => {
  const before = limitSending(1, 0).microphone
  expect(limitSending(30, LAST_RUNG).microphone).toEqual(before)
  expect(before.priority).toBe('high')
})

test('one camera more than a room can take is refused, and neither a microphone nor a screen is', () => {
  expect(objectionTo('camera', MAX_CAMERAS - 1)).toBeUndefined()
  expect(objectionTo('camera', MAX_CAMERAS)).toBe('crowded')
  for (const source of ['microphone', 'screen'] as const) expect(objectionTo(source, MAX_CAMERAS)).toBeUndefined()
})

test('a slow path reduces the video size, and leaves room to probe for bandwidth', () => {
  const { camera } = limitSending(1, slow.rung)
  expect(camera).toMatchObject({ maxHeight: 360, maxBitrate: 450_000 })
})

test('a path is not judged while it is new or its estimate is still growing', () => {
  expect(judge(newLink, { availableBitrate: 100_000 }, 5).rung).toBe(0)
  expect(judge(newLink, { availableBitrate: 100_000 }, 7).rung).toBeGreaterThan(0)
  let link = judge(newLink, { availableBitrate: 100_000 }, 5)
  for (let bitrate = 106_000; bitrate < 1_300_000; bitrate *= 1.06) {
    link = judge(link, { availableBitrate: bitrate }, 1)
    expect(link.rung).toBe(0)
  }
})

test('one slightly low estimate changes nothing, and two in a row go to the size that fits', () => {
  const once = judge(settled, { availableBitrate: 500_000 }, 1)
  expect(once.rung).toBe(0)
  expect(judge(judge(once, {}, 1), { availableBitrate: 500_000 }, 1).rung).toBe(0)
  expect(judge(once, { availableBitrate: 500_000 }, 1).rung).toBe(1)
})

test('a deep fall is believed at once and goes one size below what fits, however new the path', () => {
  for (const path of [judge(newLink, {}, 1), settled]) {
    expect(judge(path, { availableBitrate: 300_000 }, 1).rung).toBe(3)
    expect(judge(path, { availableBitrate: 150_000 }, 1).rung).toBe(4)
    expect(judge(path, { availableBitrate: 50_000 }, 1).rung).toBe(LAST_RUNG)
  }
})

test('a slight fall is believed at once if packets are lost', () => {
  const begun = judge(newLink, {}, 1)
  expect(judge(begun, { availableBitrate: 500_000 }, 1).rung).toBe(0)
  expect(judge(begun, { availableBitrate: 500_000, loss: 0.3 }, 1).rung).toBe(1)
})

test('a recovered path is back at full size after two samples, and after one that leaves much to spare', () => {
  const low = judge(settled, { availableBitrate: 130_000 }, 2)
  expect(judge(low, {}, 1).rung).toBe(0)
  expect(judge(low, { availableBitrate: 950_000 }, 1).rung).toBe(1)
  expect(judge(slow, { availableBitrate: 790_000 }, 1).rung).toBe(slow.rung)
  expect(judge(slow, { availableBitrate: 790_000 }, 2).rung).toBe(slow.rung - 1)
  expect(judge(slow, { availableBitrate: 810_000 }, 1).rung).toBe(slow.rung - 1)
})

test('a larger size that would only just fit is not chosen', () => {
  expect(judge(slow, { availableBitrate: 490_000 }, 20).rung).toBe(slow.rung)
  expect(judge(slow, { availableBitrate: 510_000 }, 20).rung).toBe(slow.rung - 1)
})

test('a low estimate that nothing fills is no evidence, unless packets are lost', () => {
  const idle = { availableBitrate: 300_000, sentBitrate: 190_000 }
  expect(judge(settled, idle, 20).rung).toBe(0)
  expect(judge(settled, { ...idle, sentBitrate: 200_000 }, 1).rung).toBeGreaterThan(0)
  expect(judge(settled, { ...idle, loss: 0.2 }, 1).rung).toBeGreaterThan(0)
})

test('with two pictures a low estimate counts, since nothing says whether it is filled', () => {
  expect(judge(settled, { availableBitrate: 300_000, sentBitrate: Infinity }, 1).rung).toBe(3)
})

test('no size more than one above the estimate is tried, so that a picture that moves again falls by one', () => {
  const still = { availableBitrate: 390_000, sentBitrate: 100_000 }
  const tried = judge(slow, still, 100)
  expect(tried.rung).toBe(slow.rung - 1)
  const moving = judge(tried, { availableBitrate: 390_000 }, 2)
  expect(moving.rung).toBe(slow.rung)
  // It does not pump: the next try waits longer.
  expect(judge(moving, still, 39).rung).toBe(slow.rung)
  expect(judge(moving, still, 40).rung).toBe(slow.rung - 1)
})

test('a smaller size that fills nothing is tried larger after a while, later each time that this fails', () => {
  const idle = { availableBitrate: 310_000, sentBitrate: 100_000 }
  const waits: number[] = []
  let link = slow
  for (let tries = 0; tries < 4; tries += 1) {
    let wait = 0
    for (const { rung } = link; link.rung === rung && wait < 99; wait += 1) link = judge(link, idle, 1)
    expect(link.rung).toBe(slow.rung - 1)
    waits.push(wait)
    link = judge(link, { availableBitrate: 310_000 }, 2)
    expect(link.rung).toBe(slow.rung)
  }
  expect(waits).toEqual([20, 40, 40, 40])
  // A path that is seen to carry more is trusted again.
  const proven = judge(judge(link, {}, 1), { availableBitrate: 310_000 }, 1)
  expect(judge(proven, idle, 9).rung).toBe(proven.rung)
  expect(judge(proven, idle, 10).rung).toBe(proven.rung - 1)
})

test.for([
  ['loss', { loss: 0.2 }],
  ['a queue', { roundTripMs: 900 }],
] as const)('without an estimate, %s makes the picture smaller step by step, and calm larger again', ([, trouble]) => {
  const sample = { availableBitrate: undefined, ...trouble }
  expect(judge(settledBlind, sample, 1).rung).toBe(0)
  expect(judge(settledBlind, sample, 2).rung).toBe(1)
  const worst = judge(settledBlind, sample, 100)
  expect(worst.rung).toBe(LAST_RUNG)
  expect(judge(worst, { availableBitrate: undefined }, 4).rung).toBe(LAST_RUNG)
  expect(judge(worst, { availableBitrate: undefined }, 5 * LAST_RUNG).rung).toBe(0)
})

test.each([0, 2])(
  'without an estimate, a size that the path does not carry is tried ever more rarely, until one holds (trouble goes on for %i s)',
  (after) => {
    const blind = { availableBitrate: undefined }
    /** A path that carries sizes from that one on; a queue takes some samples to drain. */
    const along = (carried: number, samples: number, from: LinkQuality) => {
      let link = from
      let tries = 0
      let draining = 0
      for (let i = 0; i < samples; i += 1) {
        const before = link.rung
        draining = before < carried ? after : draining - 1
        link = judge(link, { ...blind, loss: before < carried || draining >= 0 ? 0.2 : 0 }, 1)
        if (link.rung < Math.min(before, carried)) tries += 1
      }
      return { link, tries }
    }
    // The size above is tried after 5, 10, 20 and 40 samples, and then every 40; a size below it may have to be regained before.
    const { link, tries } = along(2, 400, settledBlind)
    expect(tries).toBeGreaterThan(3)
    expect(tries).toBeLessThan(12)
    // The path is better: what is tried holds, and the next size comes soon.
    const better = along(0, 90, link).link
    expect([better.rung, better.patience]).toEqual([0, 5])
  },
)

test('a long round trip is not mistaken for a queue', () => {
  const far = judge(newLink, { availableBitrate: undefined, roundTripMs: 900 }, 30)
  expect(far.rung).toBe(0)
})

test.for([
  ['the platform says so', { cpuLimited: true }],
  ['an encoder works all the time', { encoding: 0.9 }],
] as const)('a busy processor makes all pictures smaller when %s, and an idle one larger', ([, trouble]) => {
  const after = (cpu: typeof idleCpu, sample: Partial<SendSample>, times: number) => {
    let judged = cpu
    for (let i = 0; i < times; i += 1) judged = judgeCpu(judged, [calm, { ...calm, ...sample }])
    return judged
  }
  expect(after(after(idleCpu, trouble, 2), {}, 1)).toMatchObject({ steps: 0, busy: 0 })
  expect(after(idleCpu, trouble, 3).steps).toBe(1)
  const worst = after(idleCpu, trouble, 100)
  expect(worst.steps).toBe(LAST_RUNG)
  expect(after(worst, {}, 7).steps).toBe(LAST_RUNG)
  expect(after(worst, {}, 8).steps).toBe(LAST_RUNG - 1)
  expect(after(worst, {}, 8 * LAST_RUNG).steps).toBe(0)
})
