import { expect, type FileChooser, type Locator, test } from '@playwright/test'
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import type { Person } from './person.ts'

/** Begins to choose files for everyone. */
export async function chooseForEveryone({ page }: Person): Promise<FileChooser> {
  await page.getByRole('button', { name: 'Send files' }).click()
  const chooser = page.waitForEvent('filechooser')
  await page.getByRole('menuitem', { name: 'To everyone' }).click()
  return chooser
}

/** Chooses files for everyone, from the disk: a browser takes a second for each megabyte that it is handed. */
export async function attach(person: Person, ...files: { name: string; buffer: Buffer }[]): Promise<void> {
  const paths = await Promise.all(
    files.map(async ({ name, buffer }) => {
      const path = test.info().outputPath(name)
      await writeFile(path, buffer)
      return path
    }),
  )
  await (await chooseForEveryone(person)).setFiles(paths)
}

/** A file as a person's page shows it. */
export const card = (person: Person, name: string): Locator =>
  person.page.locator(`[data-testid=file][data-name="${name}"]`)

/** Saves what `person` received. @returns its hash. */
export async function save(person: Person, name: string): Promise<string> {
  const download = person.page.waitForEvent('download')
  await person.page.getByRole('link', { name: `Save ${name}` }).click()
  const saved = await download
  expect(saved.suggestedFilename()).toBe(name)
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(await saved.path())) hash.update(chunk as Buffer)
  return hash.digest('hex')
}
