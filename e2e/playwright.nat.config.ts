import { defineConfig } from '@playwright/test'
import usual from './playwright.config.ts'

/** Specs behind simulated NATs; started by `nat/run.mjs`, which makes the network they are in. */
export default defineConfig({
  ...usual,
  testDir: 'nat',
  projects: [{ name: 'nat' }],
  reporter: [['list'], ['json', { outputFile: '../reports/nat.json' }]],
  // Each has two browsers of its own.
  workers: 1,
  fullyParallel: false,
})
