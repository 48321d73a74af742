import { defineConfig } from '@playwright/test'
import usual from './playwright.config.ts'

const { launchOptions } = usual.use ?? {}
/** Six pages that each encode five pictures must fit on two cores: half the frames that other specs film. */
const args = (launchOptions?.args ?? []).map((arg) => arg.replace('fps=10', 'fps=5'))

/** Specs that measure pictures, sound and the work of a page: one at a time, since pages beside them would be measured too. */
export default defineConfig({
  ...usual,
  testDir: 'quality',
  use: { ...usual.use, launchOptions: { ...launchOptions, args } },
  projects: [{ name: 'quality' }],
  reporter: [['list'], ['json', { outputFile: '../reports/quality.json' }]],
  workers: 1,
  fullyParallel: false,
})
