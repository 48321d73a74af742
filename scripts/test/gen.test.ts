import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { findProgram } from '../../packages/test-servers/src/program.ts'
import { afterAll, expect, test } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))
const copy = mkdtempSync(join(tmpdir(), 'patchbay-gen-'))
afterAll(() => rmSync(copy, { recursive: true, force: true }), 60_000)

const run = (command: string, ...args: string[]) => {
  const { status, stdout, stderr } = spawnSync(command, args, {
    cwd: copy,
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined, TEST_REPORT: join(copy, 'report.json') },
  })
  return { status, output: `${stdout}${stderr}` }
}

test('a transport from the generator passes the kit as it is, in either shape', () => {
  for (const file of execFileSync('git', ['ls-files'], { cwd: root, encoding: 'utf8' }).trim().split('\n'))
    if (existsSync(join(root, file))) cpSync(join(root, file), join(copy, file))
  expect(run('node', 'scripts/gen.mjs', 'transport', 'pigeon').output).toContain('packages/transport-pigeon is a copy')
  expect(run('node', 'scripts/gen.mjs', 'transport', 'drum', '--behind-exchange').status).toBe(0)
  const install = run('pnpm', 'install', '--offline', '--no-frozen-lockfile', '--ignore-scripts')
  expect(install.output, install.output).toMatch(/Done in|Already up to date/)
  const check = run(
    'pnpm',
    'exec',
    'tsc',
    '-b',
    'packages/transport-pigeon',
    'packages/transport-drum',
    'packages/lines',
  )
  expect(check.output).toBe('')
  const kit = run('pnpm', 'exec', 'vitest', 'run', '--project', 'transport-pigeon', '--project', 'transport-drum')
  expect(kit.status, kit.output).toBe(0)
  // The kit's 14 rules for each whose exchange is installed, and its own tests.
  const passed = Number(/Tests +(\d+) passed/.exec(kit.output)?.[1])
  expect(passed).toBeGreaterThanOrEqual(findProgram('kamailio') === undefined ? 14 : 28)
  // Both are in the list, so that server, page and end-to-end tests have them.
  const listed = run('pnpm', 'exec', 'vitest', 'run', '--project', 'lines', '-t', '(pigeon|drum) says all')
  expect(/Tests +(\d+) passed/.exec(listed.output)?.[1], listed.output).toBe('2')
}, 240_000)

test.each([
  [['transport'], 'Usage'],
  [['line', 'pigeon'], 'Usage'],
  [['transport', 'Pigeon!'], 'must be 2 to 31 lowercase letters and digits'],
  [['transport', 'websocket'], 'is there already'],
  [['transport', 'sse'], 'the name is taken'],
  [['transport', 'auto'], 'the name is taken'],
  [['transport', 'plugs'], 'the name is taken'],
  [['transport', 'default'], 'a word of the language'],
])('the generator says what is wrong with %s', (args, sentence) => {
  const { status, stderr } = spawnSync('node', ['scripts/gen.mjs', ...args], { cwd: root, encoding: 'utf8' })
  expect([status, stderr]).toEqual([1, expect.stringContaining(sentence)])
})
