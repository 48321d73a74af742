import { existsSync } from 'node:fs'

/** Where package managers put a system Chromium. */
const SYSTEM_PATHS = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome', '/snap/bin/chromium']

/**
 * The browser tests run in: `PATCHBAY_CHROMIUM` if set, else Playwright's own, else the system's.
 * @param {string} playwrightsOwn path that Playwright would use.
 * @returns {string | undefined} an executable that exists.
 */
export function findChromium(playwrightsOwn) {
  const candidates = [process.env.PATCHBAY_CHROMIUM, playwrightsOwn, ...SYSTEM_PATHS]
  return candidates.find((path) => path !== undefined && path !== '' && existsSync(path))
}
