import { afterEach, expect, test, vi } from 'vitest'
import type { MediaSink } from '../src/mesh/index.ts'
import type { LocalMedia, Source } from '../src/mesh/media/local-media.ts'
import { ProcessedMedia, type TrackProcessor } from '../src/mesh/media/processed-media.ts'

const track = (id: string, enabled = true) => ({ id, enabled }) as MediaStreamTrack
const mediaOf = (...tracks: [Source, MediaStreamTrack][]) => ({ tracks: new Map(tracks) }) as unknown as LocalMedia

const later = vi.fn<(task: () => void) => void>()
/** What is made of a track by someone else's code, whose end fails. */
const throwing: TrackProcessor = async (from) => ({
  track: track(`${from.id}'`),
  stop: () => {
    throw new Error('of the page')
  },
})

afterEach(() => vi.unstubAllGlobals())

/** A sink that notes what it is to send, and a processor whose work the test finishes. */
function createRig() {
  const log: string[] = []
  const describe = (media: LocalMedia) =>
    [...media.tracks].map(([source, { id, enabled }]) => `${source} ${id}${enabled ? '' : ' muted'}`).join(', ')
  const sink: MediaSink = {
    cameras: 0,
    set: (_, media) => Promise.resolve(void log.push(describe(media))),
    announce: (media) => void log.push(describe(media)),
  }
  const pending: (() => void)[] = []
  const stopped: string[] = []
  const processor: TrackProcessor = (from) =>
    new Promise((resolve) => {
      const made = { track: track(`${from.id}'`), stop: () => void stopped.push(`${from.id}'`) }
      pending.push(() => resolve(made))
    })
  return { media: new ProcessedMedia(sink), log, processor, pending, stopped }
}

test('what a processor makes is sent in place of the device, muted with it, until the processor is taken away', async () => {
  const { media, log, processor, pending, stopped } = createRig()
  const microphone = track('mic')
  const given = mediaOf(['microphone', microphone], ['camera', track('cam')])
  await media.set('microphone', given)
  expect(log).toEqual(['microphone mic, camera cam'])
  const processing = media.process('microphone', processor)
  pending.shift()?.()
  await processing
  expect(log.at(-1)).toBe("microphone mic', camera cam")
  expect(media.sent.get('microphone')?.id).toBe("mic'")
  microphone.enabled = false
  media.announce(given)
  expect(log.at(-1)).toBe("microphone mic' muted, camera cam")
  await media.process('microphone', undefined)
  expect(log.at(-1)).toBe('microphone mic muted, camera cam')
  expect(stopped).toEqual(["mic'"])
})

test('a device that is turned on later, or takes the place of another, is processed too', async () => {
  const { media, log, processor, pending, stopped } = createRig()
  await media.process('microphone', processor)
  for (const id of ['first', 'second']) {
    const setting = media.set('microphone', mediaOf(['microphone', track(id)]))
    pending.shift()?.()
    await setting
  }
  await media.set('microphone', mediaOf())
  expect(log).toEqual(["microphone first'", "microphone second'", ''])
  expect(stopped).toEqual(["first'", "second'"])
})

test('what is ready too late, for a device that is off or replaced, is stopped and not sent', async () => {
  const { media, log, processor, pending, stopped } = createRig()
  await media.process('microphone', processor)
  const first = media.set('microphone', mediaOf(['microphone', track('first')]))
  const second = media.set('microphone', mediaOf(['microphone', track('second')]))
  pending[1]?.()
  await second
  expect(log).toEqual(["microphone second'"])
  pending[0]?.()
  await first
  expect(log.at(-1)).toBe("microphone second'")
  expect(stopped).toEqual(["first'"])
  media.dispose()
  expect(stopped).toEqual(["first'", "second'"])
})

test('a processor that is taken away and given back while it works is not begun again', async () => {
  const { media, log, processor, pending, stopped } = createRig()
  await media.process('camera', processor, 'withheld')
  const setting = media.set('camera', mediaOf(['camera', track('cam')]))
  await media.process('camera', undefined)
  const again = media.process('camera', processor, 'withheld')
  pending.shift()?.()
  await setting
  expect(pending, 'it is asked once').toEqual([])
  await again
  expect(log.at(-1)).toBe("camera cam'")
  expect(stopped).toEqual([])
})

test('a device whose processor fails is sent as it is', async () => {
  const { media, log } = createRig()
  const failing = () => Promise.reject(new Error('no'))
  await media.process('microphone', failing)
  await media.set('microphone', mediaOf(['microphone', track('mic')]))
  expect(log).toEqual(['microphone mic'])
  await expect(media.process('microphone', () => Promise.reject(new Error('no')))).rejects.toThrow('no')
  expect(log, 'it is said again what is sent').toEqual(['microphone mic', 'microphone mic'])
})

test('a device that is withheld is never sent but processed, whatever happens meanwhile', async () => {
  const { media, log, processor, pending } = createRig()
  const given = mediaOf(['camera', track('cam')], ['microphone', track('mic')])
  await media.set('camera', given)
  expect(log).toEqual(['camera cam, microphone mic'])
  const processing = media.process('camera', processor, 'withheld')
  expect(log.at(-1), 'it is held back at once').toBe('microphone mic')
  await media.set('microphone', given)
  media.announce(given)
  pending.shift()?.()
  await processing
  await media.set('camera', mediaOf())
  const setting = media.set('camera', mediaOf(['camera', track('other')]))
  pending.shift()?.()
  await setting
  expect(log.slice(1)).toEqual([
    'microphone mic',
    'microphone mic',
    'microphone mic',
    "camera cam', microphone mic",
    '',
    "camera other'",
  ])
  media.dispose()
  media.announce(given)
  expect(log.at(-1), 'not at the end either').toBe('microphone mic')
})

test('a device that is turned on is not sent while its processor is at work, whatever happens meanwhile', async () => {
  const { media, log, processor, pending } = createRig()
  for (const source of ['camera', 'microphone'] as const) await media.process(source, processor)
  const microphone = track('mic')
  const given = mediaOf(['camera', track('cam')], ['microphone', microphone])
  const both = [media.set('camera', given), media.set('microphone', given)]
  pending.pop()?.()
  await both[1]
  microphone.enabled = false
  media.announce(given)
  const again = media.process('camera', (from) => processor(from))
  await media.set('screen', mediaOf(...given.tracks, ['screen', track('page')]))
  expect(log).toEqual(["microphone mic'", "microphone mic' muted", "microphone mic' muted, screen page"])
  expect(media.sent.has('camera')).toBe(false)
  for (const finish of pending) finish()
  await Promise.all([...both, again])
  expect(log.at(-1)).toBe("camera cam', microphone mic' muted, screen page")
})

test('a device that is on is sent as it is while a processor given for it is at work, but no device that takes its place', async () => {
  const { media, log, processor, pending } = createRig()
  const given = mediaOf(['camera', track('front')], ['microphone', track('mic')])
  await media.set('camera', given)
  const processing = media.process('camera', processor)
  await media.set('microphone', given)
  expect(log.at(-1)).toBe('camera front, microphone mic')
  const other = mediaOf(['camera', track('back')], ['microphone', track('mic')])
  const setting = media.set('camera', other)
  media.announce(other)
  expect(log.at(-1)).toBe('microphone mic')
  for (const finish of pending) finish()
  await Promise.all([processing, setting])
  expect(log.at(-1)).toBe("camera back', microphone mic")
})

test('of a device that is withheld nothing is sent when its processor fails, and itself when that is taken away', async () => {
  const { media, log } = createRig()
  await media.process('camera', () => Promise.reject(new Error('no')), 'withheld')
  await media.set('camera', mediaOf(['camera', track('cam')]))
  expect(log).toEqual([''])
  await media.process('camera', undefined)
  expect(log).toEqual(['', 'camera cam'])
})

test('all that was made is stopped, also where stopping the first of it throws', async () => {
  vi.stubGlobal('queueMicrotask', later)
  const { media, processor, pending, stopped } = createRig()
  await media.process('microphone', throwing)
  await media.process('camera', processor)
  const given = mediaOf(['microphone', track('mic')], ['camera', track('cam')])
  await media.set('microphone', given)
  const setting = media.set('camera', given)
  pending.shift()?.()
  await setting
  expect(() => media.dispose()).not.toThrow()
  expect(stopped).toEqual(["cam'"])
  expect(later.mock.lastCall?.[0]).toThrow('of the page')
})

test('another camera is processed too when stopping what was made of the first throws', async () => {
  vi.stubGlobal('queueMicrotask', later)
  const { media, log } = createRig()
  await media.process('camera', throwing)
  for (const id of ['front', 'back']) await media.set('camera', mediaOf(['camera', track(id)]))
  expect(log).toEqual(["camera front'", "camera back'"])
})

test('what is ready too late and cannot be stopped is not sent, and is no failure of its processor', async () => {
  vi.stubGlobal('queueMicrotask', later)
  const { media, log } = createRig()
  let release = () => {}
  const held = new Promise<void>((resolve) => (release = resolve))
  await media.set('camera', mediaOf(['camera', track('cam')]))
  const processing = media.process('camera', (from) => held.then(() => throwing(from)))
  await media.set('camera', mediaOf())
  release()
  await expect(processing).resolves.toBeUndefined()
  expect(log).toEqual(['camera cam', '', ''])
})
