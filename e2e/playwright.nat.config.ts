import { defineConfig } from '@playwright/test'
import usual from './playwright.config.ts'

/** Specs behind simulated NATs; started by `nat/run.mjs`, which creates the network. */
export default defineConfig({
  ...usual,
  testDir: 'nat',
  projects: [
    { name: 'nat', testMatch: 'nat.spec.ts' },
    // Measures pictures and sound: alone, after the others.
    { name: 'slow', testMatch: 'slow.spec.ts', dependencies: ['nat'] },
  ],
  reporter: [['list'], ['json', { outputFile: '../reports/nat.json' }]],
  // Each spec starts two browsers. There is a site for each of two workers.
  workers: 2,
})
