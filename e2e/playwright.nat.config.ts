import { defineConfig } from '@playwright/test'
import usual from './playwright.config.ts'

/** Specs behind simulated NATs; started by `nat/run.mjs`, which creates the network. */
export default defineConfig({
  ...usual,
  testDir: 'nat',
  projects: [{ name: 'nat' }],
  reporter: [['list'], ['json', { outputFile: '../reports/nat.json' }]],
  // Each spec starts two browsers.
  workers: 1,
  fullyParallel: false,
})
