import { fileURLToPath } from 'node:url'
import { type BrowserContextOptions } from '@playwright/test'
import { expect, test } from '../support/fixtures.ts'
import { allConnected, type Person } from '../support/person.ts'

const folder = fileURLToPath(new URL('../../docs/images/', import.meta.url))
const sizes = { wide: { width: 1280, height: 800 }, phone: { width: 390, height: 844 } }

async function shoot(person: Person, name: string): Promise<void> {
  await person.page.evaluate(() => document.fonts.ready)
  await person.page.screenshot({ path: `${folder}${name}.png` })
}

for (const size of ['wide', 'phone'] as const) {
  for (const colorScheme of ['light', 'dark'] as const) {
    const look: BrowserContextOptions = { viewport: sizes[size], colorScheme }

    test(`landing ${size} ${colorScheme}`, async ({ invite, deployment }) => {
      const ada = await invite('Ada', look)
      await ada.page.goto(deployment.origin)
      await expect(ada.page.getByRole('textbox').first()).toHaveValue('Ada')
      await shoot(ada, `landing-${size}-${colorScheme}`)
    })

    test(`room ${size} ${colorScheme}`, async ({ invite, room }) => {
      const ada = await invite('Ada', { ...look, line: 'websocket' })
      await ada.page.addInitScript((id) => sessionStorage.setItem(`patchbay.title.${id}`, 'Rig review'), room)
      // One room, three lines.
      const others = [await invite('Grace', { line: 'longpoll' }), await invite('林小雨', { line: 'mqtt' })]
      await ada.enter()
      for (const other of others) await other.enter()
      await allConnected(ada, ...others)
      await ada.say('Morning! Shall we look at the rig together?')
      await others[0]?.say('Yes please. Notes are at https://example.org/rig\nand I have two questions.')
      await others[1]?.say('我的摄像头马上就开。')
      await expect(ada.message('马上就开')).toBeVisible()
      await shoot(ada, `chat-${size}-${colorScheme}`)
      for (const person of [ada, ...others]) await person.turnOnCamera()
      for (const other of others) await ada.watches(other)
      await shoot(ada, `call-${size}-${colorScheme}`)
    })
  }
}
