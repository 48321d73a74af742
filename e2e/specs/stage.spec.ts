import { type Page } from '@playwright/test'
import { expect, test } from '../support/fixtures.ts'
import { allConnected } from '../support/person.ts'

/** Runs in a page before its own scripts: its camera is a phone's, held upright. */
function filmUpright(): void {
  navigator.mediaDevices.getUserMedia = () => {
    const canvas = document.createElement('canvas')
    Object.assign(canvas, { width: 180, height: 320 })
    const context = canvas.getContext('2d')
    const draw = () => {
      if (context === null) return
      context.fillStyle = `hsl(${performance.now() / 10} 80% 50%)`
      context.fillRect(0, 0, 180, 160)
    }
    setInterval(draw, 100)
    return Promise.resolve(canvas.captureStream(10))
  }
}

/** For each tile the ratio of its picture and of itself, and whether all tiles are inside the stage, apart from each other. */
function measure(page: Page) {
  return page.evaluate(() => {
    const boxOf = (element: Element) => element.getBoundingClientRect()
    const tiles = [...document.querySelectorAll('[data-testid=tile]')]
    const stage = boxOf(tiles[0]?.parentElement as Element)
    const boxes = tiles.map(boxOf)
    const apart = boxes.every((box, index) =>
      boxes
        .slice(index + 1)
        .every(
          (other) =>
            box.right <= other.left + 1 ||
            other.right <= box.left + 1 ||
            box.bottom <= other.top + 1 ||
            other.bottom <= box.top + 1,
        ),
    )
    const inside = boxes.every(
      (box) =>
        box.left >= stage.left - 1 &&
        box.right <= stage.right + 1 &&
        box.top >= stage.top - 1 &&
        box.bottom <= stage.bottom + 1,
    )
    const uncut = tiles.every((tile, index) => {
      const { videoWidth, videoHeight } = tile.querySelector('video') as HTMLVideoElement
      const { width = 0, height = 0 } = boxes[index] ?? {}
      const visible = videoWidth === 0 ? 1 : width / height / (videoWidth / videoHeight)
      // 3 % for a picture that the sender has scaled to whole pixels.
      return visible > 0.85 - 0.03 && visible < 1.03
    })
    return { apart, inside, uncut, count: tiles.length }
  })
}

test('tiles keep the shape of their pictures on every screen, and no forehead is cut', async ({ invite }) => {
  const [ada, bob, cyd] = [await invite('Ada'), await invite('Bob'), await invite('Cyd')]
  await bob.page.addInitScript(filmUpright)
  for (const person of [ada, bob, cyd]) await person.enter()
  await allConnected(ada, bob, cyd)
  await ada.turnOnCamera()
  await bob.turnOnCamera()
  const shape = () =>
    cyd.tile('Bob').evaluate((tile) => {
      const { width, height } = tile.getBoundingClientRect()
      return width < height
    })
  await expect.poll(shape, { message: 'an upright picture has an upright tile' }).toBe(true)
  for (const [width, height] of [
    [1440, 900],
    [390, 844],
    [844, 390],
  ] as const) {
    await cyd.page.setViewportSize({ width, height })
    await expect
      .poll(() => measure(cyd.page), { message: `${width} × ${height}` })
      .toEqual({ apart: true, inside: true, uncut: true, count: 3 })
  }
})
