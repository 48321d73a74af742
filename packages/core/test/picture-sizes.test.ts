import type { PeerId, PeerMessage } from '@patchbay/protocol'
import { expect, test } from 'vitest'
import { type LinkPort, PictureSizes } from '../src/mesh/index.ts'
import { limitSending } from '../src/mesh/media/send-budget.ts'

/** A link to a member whose page has these features, and what was sent on it. */
function linkTo(sizes: PictureSizes, features: readonly string[] = ['view']) {
  const sent: PeerMessage[] = []
  const port = {
    peer: { id: 'ada' as PeerId },
    connection: {} as RTCPeerConnection,
    has: (feature: string) => features.includes(feature),
    send: (message: PeerMessage) => sent.push(message),
  } as unknown as LinkPort
  return { ...sizes.attach(port), sent, wanted: () => sizes.wantedBy(port.connection) }
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
  expect([cameraAt(180).isShown, cameraAt(0).isShown]).toEqual([true, false])
})

test('the size of the camera does not slow down the screen, and hiding one does not hide the other', () => {
  const { screen, camera, microphone } = limitSending(1, 0, { camera: 0, screen: 1_080 })
  expect(screen).toEqual(limitSending(1, 0).screen)
  expect([camera.isShown, screen.isShown, microphone.isShown]).toEqual([false, true, true])
  expect(limitSending(1, 0, { camera: 360, screen: 0 }).screen.isShown).toBe(false)
})
