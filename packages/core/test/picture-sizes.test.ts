import type { PeerId, PeerMessage } from '@patchbay/protocol'
import { expect, test } from 'vitest'
import { type Feature, limitMedia, type LinkPort, PictureSizes, type SentSizes } from '../src/mesh/index.ts'
import { causeOf, limitSending } from '../src/mesh/media/send-budget.ts'
import { createStore } from '../src/store.ts'

/** A link to a member whose page has these features, and what was sent on it. */
function linkTo(sizes: PictureSizes, features: readonly string[] = ['view']) {
  const sent: PeerMessage[] = []
  const port = {
    peer: { id: 'ada' as PeerId, capabilities: { media: true } },
    connection: {} as RTCPeerConnection,
    has: (feature: string) => features.includes(feature),
    send: (message: PeerMessage) => sent.push(message),
  } as unknown as LinkPort
  return { ...sizes.attach(port), sent, port, wanted: () => sizes.wantedBy(port.connection) }
}
const ada = 'ada' as PeerId

test('a member is told how large it is shown, in steps, when that changes, and again on the next link', () => {
  const sizes = new PictureSizes()
  const link = linkTo(sizes)
  link.introduced?.()
  expect(link.sent, 'nothing is known yet').toEqual([])
  sizes.show(ada, { camera: 200 })
  sizes.show(ada, { camera: 239 })
  sizes.show(ada, { camera: 241, screen: 0 })
  const [first, second] = [
    { type: 'view', camera: 240, screen: 4_320 },
    { type: 'view', camera: 360, screen: 0 },
  ]
  expect(link.sent).toEqual([first, second])
  link.closed?.()
  sizes.show(ada, { camera: 0 })
  expect(link.sent).toHaveLength(2)
  const next = linkTo(sizes)
  next.introduced?.()
  expect(next.sent).toEqual([{ type: 'view', camera: 0, screen: 0 }])
})

test('a member that was given up and is met anew is told again, and of a thousand that were met nothing is kept', () => {
  const sizes = new PictureSizes()
  const link = linkTo(sizes)
  sizes.show(ada, { camera: 180 })
  link.closed?.()
  const feature: Feature = sizes
  feature.forget?.(ada)
  const again = linkTo(sizes)
  again.introduced?.()
  expect(again.sent).toEqual([{ type: 'view', camera: 180, screen: 4_320 }])
  again.closed?.()
  for (let i = 0; i < 1_000; i += 1) sizes.show(`${i}` as PeerId, { camera: 180 })
  const later = linkTo(sizes)
  later.introduced?.()
  expect(later.sent).toEqual([])
})

test('a page that knows nothing of sizes is told none, and is sent what the mesh allows', () => {
  const sizes = new PictureSizes()
  const old = linkTo(sizes, ['media'])
  old.introduced?.()
  sizes.show(ada, { camera: 180 })
  expect(old.sent).toEqual([])
  expect(old.wanted()).toEqual({ camera: 4_320, screen: 4_320 })
  expect(limitSending(1, 0, old.wanted())).toEqual(limitSending(1, 0))
})

test('a picture is sent no larger than it is shown, and not at all where it is not', () => {
  const sizes = new PictureSizes()
  const link = linkTo(sizes)
  const cameraAt = (camera: number, receivers = 1, rung = 0) => {
    link.receive?.({ type: 'view', camera, screen: 4_320 })
    return limitSending(receivers, rung, link.wanted()).camera
  }
  expect([180, 240, 360, 480, 720, 2_160].map((height) => cameraAt(height).maxHeight)).toEqual([
    180, 240, 360, 480, 720, 720,
  ])
  expect(cameraAt(720, 10).maxHeight, 'the mesh allows less').toBe(360)
  expect(cameraAt(720, 1, 3).maxHeight, 'the path allows less').toBe(240)
  expect([cameraAt(180).active, cameraAt(0).active]).toEqual([true, false])
})

test('the size of the camera does not slow down the screen, and hiding one does not hide the other', () => {
  const { screen, camera, microphone } = limitSending(1, 0, { camera: 0, screen: 1_080 })
  expect(screen).toEqual(limitSending(1, 0).screen)
  expect([camera.active, screen.active, microphone.active]).toEqual([false, true, true])
  expect(limitSending(1, 0, { camera: 360, screen: 0 }).screen.active).toBe(false)
})

test('who prefers sound asks everyone for no camera, newcomers included, and takes it back', () => {
  const sizes = new PictureSizes()
  const link = linkTo(sizes)
  sizes.show(ada, { camera: 480 })
  sizes.preferSound(true)
  sizes.show(ada, { camera: 720 })
  sizes.preferSound(false)
  expect(link.sent.map((message) => message.type === 'view' && message.camera)).toEqual([480, 0, 0, 720])
  const next = linkTo(new PictureSizes())
  next.introduced?.()
  expect(next.sent, 'who has never preferred it says nothing').toEqual([])
})

test('the size is told with what alone makes the picture so small', () => {
  const large = { camera: 720, screen: 720 }
  expect(causeOf(1, 0, 0, large)).toBe('none')
  expect(causeOf(6, 0, 0, large)).toBe('people')
  expect(causeOf(6, 3, 0, large)).toBe('path')
  expect(causeOf(6, 3, 1, large)).toBe('cpu')
  expect(causeOf(1, 0, 2, large)).toBe('cpu')
  expect(causeOf(6, 3, 1, { camera: 0, screen: 720 })).toBe('view')
  expect(causeOf(1, 1, 0, { camera: 360, screen: 720 })).toBe('view')
})

test('what is sent is announced when it is different, and only then', () => {
  const sizes = new PictureSizes()
  const sent = createStore<SentSizes>(new Map())
  const told: SentSizes[] = []
  sent.subscribe(() => told.push(sent.getSnapshot()))
  const link = linkTo(sizes)
  const never = { now: () => 0, after: () => () => undefined }
  const links = () => [{ port: link.port, limit: () => Promise.resolve() }]
  const limiter = limitMedia(sizes, sent)(links, never)
  for (const camera of [360, 360, 240]) {
    link.receive?.({ type: 'view', camera, screen: 0 })
    limiter.apply(true)
  }
  limiter.apply(false)
  const sizeOf = (maxHeight: number) => new Map([[ada, { maxHeight, cause: 'view' }]])
  expect(told).toEqual([sizeOf(360), sizeOf(240), new Map()])
})
