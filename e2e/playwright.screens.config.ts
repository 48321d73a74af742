import config from './playwright.config.ts'

/** Takes the screenshots in docs/images: `pnpm screens`. */
export default { ...config, testDir: 'screens', workers: 1 }
