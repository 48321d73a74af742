import type { Page } from '@playwright/test'
import { expect, test } from '../support/fixtures.ts'
import { allConnected, type Person } from '../support/person.ts'
import { newest, noteSending } from '../support/sending.ts'

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

/** How many times larger one tile is than the largest of the others, by area. */
function advantage(person: Person, name: string): Promise<number> {
  return person.page.getByTestId('tile').evaluateAll((tiles, wanted) => {
    const areas = tiles.map((tile) => {
      const { width, height } = tile.getBoundingClientRect()
      return [(tile as HTMLElement).dataset.name === wanted, width * height] as const
    })
    const of = (isWanted: boolean) => Math.max(...areas.flatMap(([is, area]) => (is === isWanted ? [area] : [])))
    return of(true) / of(false)
  }, name)
}

test('a tile is pinned by keyboard, fills the screen, and one’s own is hidden', async ({ invite }) => {
  const [ada, bob] = [await invite('Ada'), await invite('Bob')]
  for (const person of [ada, bob]) await person.enter()
  await allConnected(ada, bob)
  await ada.turnOnCamera()
  await bob.watches(ada)
  const { page } = bob
  const choose = async (button: string, item: string) => {
    await page.getByRole('button', { name: button, exact: true }).focus()
    await page.keyboard.press('Enter')
    await expect(page.getByRole('menu')).toBeVisible()
    await page.getByRole('menuitem', { name: item, exact: true }).focus()
    await page.keyboard.press('Enter')
    await expect(page.getByRole('menu')).toHaveCount(0)
  }
  await choose('Options for Ada', 'Pin')
  await expect(bob.tile('Ada')).toContainText('pinned')
  await expect.poll(() => advantage(bob, 'Ada')).toBeGreaterThan(4)
  await choose('Options for Ada', 'Unpin')
  await expect.poll(() => advantage(bob, 'Ada')).toBeLessThan(2)

  await page.getByRole('button', { name: 'Full screen: Ada' }).click()
  await expect.poll(() => bob.tile('Ada').evaluate((tile) => document.fullscreenElement === tile)).toBe(true)
  await bob.watches(ada)
  await ada.say('behind the picture')
  await expect(page, 'the log is behind what fills the screen').toHaveTitle(/^\(1\) /)
  await expect(ada.page.getByTestId('receipt')).toHaveText('Delivered to 1 person')
  await page.getByRole('button', { name: 'Leave full screen: Ada' }).click()
  await expect.poll(() => page.evaluate(() => document.fullscreenElement)).toBeNull()
  await expect(page).not.toHaveTitle(/^\(/)
  await expect(ada.page.getByTestId('receipt')).toHaveText('Read by Bob')
  await page.getByRole('button', { name: 'Full screen: Ada' }).click()
  await expect.poll(() => bob.tile('Ada').evaluate((tile) => document.fullscreenElement === tile)).toBe(true)
  await page.keyboard.press('?')
  const isInSight = () =>
    page.getByRole('dialog', { name: 'Keyboard shortcuts' }).evaluate((dialog) => {
      const { left, top, width } = dialog.getBoundingClientRect()
      return dialog.contains(document.elementFromPoint(left + width / 2, top + 30))
    })
  await expect.poll(isInSight, { message: 'a dialog leads out of the full screen' }).toBe(true)
  await page.keyboard.press('Escape')
  await expect(page.getByRole('dialog')).toHaveCount(0)

  await choose('View', 'Hide my own video')
  await expect(bob.tile('Bob (you)')).toBeHidden()
  await page.reload()
  await bob.watches(ada)
  await expect(bob.tile('Bob (you)'), 'it is remembered').toBeHidden()
  await choose('View', 'Show my own video')
  await expect(bob.tile('Bob (you)')).toBeVisible()
})

test('who speaks is large, if so chosen', async ({ invite }) => {
  const [ada, bob, cyd] = [await invite('Ada'), await invite('Bob'), await invite('Cyd')]
  for (const person of [ada, bob, cyd]) await person.enter()
  await allConnected(ada, bob, cyd)
  await bob.page.getByRole('button', { name: 'Turn microphone on' }).click()
  await expect(cyd.tile('Bob')).toHaveAttribute('data-speaking', 'true')
  expect(await advantage(cyd, 'Bob')).toBeLessThan(2)
  await cyd.page.getByRole('button', { name: 'View' }).click()
  await cyd.page.getByRole('menuitemradio', { name: 'Speaker large' }).click()
  await expect.poll(() => advantage(cyd, 'Bob')).toBeGreaterThan(4)
  await bob.page.getByRole('button', { name: 'Mute', exact: true }).click()
  await ada.page.getByRole('button', { name: 'Turn microphone on' }).click()
  await expect.poll(() => advantage(cyd, 'Ada')).toBeGreaterThan(4)
})

test('a picture is sent no larger than it is shown', async ({ invite }) => {
  const [ada, bob] = [await invite('Ada'), await invite('Bob')]
  for (const person of [ada, bob]) await person.enter()
  await allConnected(ada, bob)
  await noteSending(ada)
  await ada.turnOnCamera()
  const lines = async () => (await newest(ada))[0]?.height
  // A busy machine makes pictures smaller by itself, and larger again a step every eight idle seconds.
  test.setTimeout(120_000)
  await expect.poll(lines, { timeout: 40_000 }).toBe(480)
  await bob.page.setViewportSize({ width: 320, height: 400 })
  await expect.poll(lines).toBeLessThan(480)
  await bob.page.setViewportSize({ width: 1280, height: 720 })
  await expect.poll(lines, { timeout: 40_000 }).toBe(480)
})
