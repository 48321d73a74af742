import { existsSync } from 'node:fs'

/** Paths where package managers install Chromium. */
const SYSTEM_PATHS = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome', '/snap/bin/chromium']

/**
 * The browser for tests: `PATCHBAY_CHROMIUM` if set, else Playwright's own, else the system's.
 * @param {string} playwrightsOwn path of Playwright's own browser.
 * @returns {string | undefined} path of an existing executable.
 */
export function findChromium(playwrightsOwn) {
  const candidates = [process.env.PATCHBAY_CHROMIUM, playwrightsOwn, ...SYSTEM_PATHS]
  return candidates.find((path) => path !== undefined && path !== '' && existsSync(path))
}

/** Where package managers put a system Firefox. */
const FIREFOX_PATHS = ['/usr/bin/firefox-esr', '/usr/bin/firefox']

/**
 * The Firefox tests run in beside Chromium: `PATCHBAY_FIREFOX` if set, else the system's.
 * @returns {string | undefined} an executable that exists.
 */
export function findFirefox() {
  const candidates = [process.env.PATCHBAY_FIREFOX, ...FIREFOX_PATHS]
  return candidates.find((path) => path !== undefined && path !== '' && existsSync(path))
}
