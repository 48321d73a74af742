// Runs every check in one command: `pnpm test`. With `--install`, it first installs what the tests need and this machine lacks.
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { stripVTControlCharacters } from 'node:util'
import { whyNoLab } from '../e2e/nat/able.mjs'
import { findChromium, findFirefox } from '../e2e/support/browser.mjs'
import { installed } from '../e2e/support/installed.mjs'

process.chdir(fileURLToPath(new URL('..', import.meta.url)))
process.env.NEXT_TELEMETRY_DISABLED ??= '1'
process.env.TURBO_TELEMETRY_DISABLED ??= '1'

/**
 * @param {string} command
 * @param {string[]} args
 * @returns {boolean} whether it succeeded.
 */
function run(command, args) {
  return spawnSync(command, args, { stdio: ['ignore', 'inherit', 'inherit'] }).status === 0
}

/** Install commands by package manager. */
const managers = {
  'apt-get': (/** @type {string[]} */ names) => [
    ['update', '-qq'],
    ['install', '-y', '-qq', '--no-install-recommends', ...names],
  ],
  dnf: (/** @type {string[]} */ names) => [['install', '-y', ...names]],
  apk: (/** @type {string[]} */ names) => [['add', ...names]],
  pacman: (/** @type {string[]} */ names) => [['-Sy', '--noconfirm', ...names]],
}

const root = process.getuid?.() === 0
const elevated = root || spawnSync('sudo', ['-n', 'true']).status === 0

/** @param {string[]} names */
function installPackages(names) {
  const manager = Object.keys(managers).find((name) => spawnSync('which', [name]).status === 0)
  if (!elevated || manager === undefined) return
  // Prevents packages from starting their servers on installation; the tests start their own.
  process.env.RUNLEVEL ??= '1'
  for (const args of managers[/** @type {keyof typeof managers} */ (manager)](names)) {
    run(root ? manager : 'sudo', root ? args : ['RUNLEVEL=1', manager, ...args])
  }
}

const { chromium } = createRequire(new URL('../e2e/package.json', import.meta.url))('@playwright/test')
const browser = () => findChromium(chromium.executablePath())

/** @typedef {{ name: string, program: string, packages: string[] }} Program */

/** Programs that the tests start: what they are called, how packages are, and whether they are there. A line can name more. */
const programs = [
  { name: 'Chromium', packages: ['chromium'], isThere: () => browser() !== undefined },
  { name: 'Firefox', packages: ['firefox-esr'], isThere: () => findFirefox() !== undefined },
  ...[
    ...[
      ['Mosquitto', 'mosquitto'],
      ['nginx', 'nginx'],
      ['Caddy', 'caddy'],
      ['Redis', 'redis-server'],
      ['coturn', 'coturn', 'turnserver'],
      ['OpenSSL', 'openssl'],
      ['nftables', 'nftables', 'nft'],
      ['iproute2', 'iproute2', 'ip'],
    ].map(([name = '', packageName = '', program = packageName]) => ({ name, program, packages: [packageName] })),
    ...readdirSync('packages')
      .map((folder) => `packages/${folder}/test/programs.json`)
      .filter((path) => existsSync(path))
      .flatMap((path) => /** @type {Program[]} */ (JSON.parse(readFileSync(path, 'utf8')))),
  ].map(({ name, program, packages }) => ({ name, packages, isThere: () => installed(program) })),
]

/** With `--install`, what is missing is installed; without, nothing on this machine is changed. */
const mayInstall = process.argv.includes('--install')
/** Names of programs that are missing; their tests are left out. */
let missing = []

function prepare() {
  const absent = programs.filter(({ isThere }) => !isThere())
  if (absent.length > 0 && mayInstall) {
    console.log(`Installing from the system's packages: ${absent.flatMap(({ packages }) => packages).join(', ')}.`)
    installPackages(absent.flatMap(({ packages }) => packages))
    // Where the system has no package, Playwright may have a browser.
    if (browser() === undefined) run('pnpm', ['--dir', 'e2e', 'exec', 'playwright', 'install', 'chromium'])
  }
  missing = programs.filter(({ isThere }) => !isThere()).map(({ name }) => name)
  if (missing.length > 0) {
    console.log(`Not installed, so their tests are left out: ${missing.join(', ')}.`)
    if (!mayInstall) console.log('`pnpm test --install` installs them (needs root or password-less sudo).')
  }
  if (browser() !== undefined) return true
  console.error('The tests need a Chromium. Install one, or set PATCHBAY_CHROMIUM to its executable.')
  return false
}

const reports = {
  unit: 'reports/vitest.json',
  e2e: 'reports/e2e.json',
  quality: 'reports/quality.json',
  nat: 'reports/nat.json',
}

/** @param {string} path */
function readReport(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch {
    return undefined
  }
}

/** @typedef {{ passed: number, failed: number, skipped?: number, names?: string[] }} Counted */

/** Counts of passed and failed tests from a runner's report, with the names of failed ones. */
const counts = {
  unit() {
    const report = readReport(reports.unit)
    if (report === undefined) return undefined
    const tests = report.testResults.flatMap((/** @type {any} */ file) => file.assertionResults)
    const names = tests
      .filter((/** @type {any} */ { status }) => status === 'failed')
      .map((/** @type {any} */ { fullName, failureMessages }) => `${fullName}${why(failureMessages[0])}`)
    return { passed: report.numPassedTests, failed: report.numFailedTests, skipped: report.numPendingTests, names }
  },
  e2e: () => playwrightCounts(reports.e2e),
  quality: () => playwrightCounts(reports.quality),
  // Where network namespaces are not available there is no report, and no failure.
  nat: () => (whyNoLab() === undefined ? playwrightCounts(reports.nat) : { passed: 0, failed: 0 }),
}

/**
 * @param {string} path
 * @returns {Counted | undefined}
 */
function playwrightCounts(path) {
  const report = readReport(path)
  if (report === undefined) return undefined
  const { expected, unexpected, flaky, skipped } = report.stats
  return { passed: expected, failed: unexpected + flaky, skipped, names: report.suites.flatMap(failedSpecs) }
}

/**
 * @param {any} suite of a Playwright report.
 * @returns {string[]}
 */
function failedSpecs({ suites = [], specs = [] }) {
  const failed = specs.flatMap(({ title, tests }) =>
    tests
      .filter((/** @type {any} */ { status }) => status === 'unexpected' || status === 'flaky')
      .map(
        (/** @type {any} */ { projectName, results }) =>
          `[${projectName}] ${title}${why(results.find((/** @type {any} */ { error }) => error)?.error.message)}`,
      ),
  )
  return [...failed, ...suites.flatMap(failedSpecs)]
}

/**
 * @param {string} [message] of the error.
 * @returns its first lines, to be printed below the name of the test.
 */
function why(message = '') {
  const lines = stripVTControlCharacters(message)
    .split('\n')
    .filter((line) => line.trim() !== '')
    .slice(0, 5)
  return lines.map((line) => `\n           ${line.slice(0, 240)}`).join('')
}

/** @type {{ name: string, go: () => boolean, count?: () => Counted | undefined }[]} */
const steps = [
  { name: 'programs', go: prepare },
  { name: 'format', go: () => run('pnpm', ['exec', 'oxfmt', '--check', '.']) },
  { name: 'boundaries', go: () => run('pnpm', ['exec', 'turbo', 'boundaries']) },
  { name: 'build', go: () => run('pnpm', ['exec', 'turbo', 'run', 'build', '--output-logs=errors-only']) },
  // After the build, because the configuration of the end-to-end tests uses built packages.
  { name: 'unused code', go: () => run('pnpm', ['exec', 'knip']) },
  // After the build, because the page's types come from built packages.
  { name: 'lint', go: () => run('pnpm', ['exec', 'oxlint', '--deny-warnings']) },
  { name: 'types', go: () => run('pnpm', ['exec', 'tsc', '-b']) },
  { name: 'packages', go: () => run('pnpm', ['exec', 'turbo', 'run', 'check', '--output-logs=errors-only']) },
  { name: 'reference', go: () => run('pnpm', ['reference']) },
  { name: 'size', go: () => run('node', ['scripts/size.mjs']) },
  { name: 'unit and conformance', go: () => run('pnpm', ['exec', 'vitest', 'run']), count: counts.unit },
  { name: 'end-to-end', go: () => run('pnpm', ['--dir', 'e2e', 'exec', 'playwright', 'test']), count: counts.e2e },
  {
    name: 'picture quality',
    go: () => run('pnpm', ['--dir', 'e2e', 'exec', 'playwright', 'test', '-c', 'playwright.quality.config.ts']),
    count: counts.quality,
  },
  { name: 'behind NATs', go: () => run('node', ['e2e/nat/run.mjs']), count: counts.nat },
]

for (const report of Object.values(reports)) rmSync(report, { force: true })
const total = { passed: 0, failed: 0, skipped: 0 }
const summary = []
for (const { name, go, count } of steps) {
  console.log(`\n── ${name}`)
  const start = performance.now()
  const ok = go()
  const counted = count?.()
  // A runner that failed without a failed test, or left no report, counts as one failure.
  const passed = counted?.passed ?? (ok ? 1 : 0)
  const failed = ok && (count === undefined || counted !== undefined) ? 0 : Math.max(1, counted?.failed ?? 0)
  total.passed += passed
  total.failed += failed
  total.skipped += counted?.skipped ?? 0
  const seconds = ((performance.now() - start) / 1000).toFixed(1)
  summary.push(
    `${failed === 0 ? 'ok  ' : 'FAIL'} ${name.padEnd(22)} ${`${seconds} s`.padStart(8)}  ${passed} passed, ${failed} failed`,
    ...(counted?.names ?? []).map((failure) => `       ${failure}`),
  )
}

console.log(`\n${summary.join('\n')}\n`)
if (missing.length > 0) console.log(`Left out for want of ${missing.join(', ')}.\n`)
console.log(`${total.passed} passed, ${total.failed} failed${total.skipped > 0 ? `, ${total.skipped} skipped` : ''}`)
process.exitCode = total.failed === 0 ? 0 : 1
