import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
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
  const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
    encoding: 'utf8',
  })
  for (const file of files.trim().split('\n'))
    if (existsSync(join(root, file))) cpSync(join(root, file), join(copy, file))
  const read = (file: string) => readFileSync(join(copy, 'packages', file), 'utf8')
  const install = () => {
    const { output } = run('pnpm', 'install', '--offline', '--no-frozen-lockfile', '--ignore-scripts')
    expect(output, output).toMatch(/Done in|Already up to date/)
  }
  install()
  const requests = run('node', 'scripts/gen.mjs', 'transport', 'pigeon').output
  expect(requests).toContain('packages/transport-pigeon is a copy')
  expect(requests).not.toContain('docs/configuration.md')
  // It says what the tests of the list will ask for.
  const exchange = run('node', 'scripts/gen.mjs', 'transport', 'drum', '--behind-exchange')
  for (const text of ['DRUM_URL', 'DRUM_PAGE_URL', 'docs/configuration.md', 'node scripts/env-example.mjs'])
    expect(exchange.output).toContain(text)
  // Names whose length moves line breaks, and then one more for the list of lines, which has wrapped.
  const long = ['carrierpigeonoverthegreatalps', 'alphorn']
  for (const name of long)
    expect(run('node', 'scripts/gen.mjs', 'transport', name, '--behind-exchange')).toMatchObject({ status: 0 })
  expect(read('lines/src/index.ts')).toMatch(/LinePlug\[\] = \[\n/)
  const copies = ['pigeon', 'drum', ...long].map((name) => `packages/transport-${name}`)
  const format = run('pnpm', 'exec', 'oxfmt', '--check', 'tsconfig.json', 'packages/lines', ...copies)
  expect(format.status, format.output).toBe(0)
  // What people read of a copy speaks of it, not of the transport that it is a copy of.
  for (const file of ['plug.ts', 'serve.ts']) expect(read(`transport-pigeon/src/${file}`)).not.toMatch(/\bsse\b|SSE/)
  expect(read('transport-pigeon/package.json')).toContain('"Patchbay signaling over Pigeon"')
  expect(read('transport-pigeon/test/pigeon.test.ts')).toContain("name: 'pigeon'")
  expect(read('transport-drum/src/client.ts')).toContain('The server gives no Drum account.')
  expect(read('transport-drum/src/client.ts')).not.toMatch(/\bSIP (line|account)/)
  for (const name of ['pigeon', 'drum']) expect(read(`transport-${name}/README.md`)).toContain(`transport-${name}\n`)
  install()
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
  const listed = run('pnpm', 'exec', 'vitest', 'run', '--project', 'lines', '-t', '(pigeon|drum) says all|are tried')
  expect(/Tests +(\d+) passed/.exec(listed.output)?.[1], listed.output).toBe('3')
}, 240_000)

test.each([
  [['transport'], 'Usage'],
  [['line', 'pigeon'], 'Usage'],
  [['transport', 'Pigeon!'], 'must be 2 to 31 lowercase letters and digits'],
  [['transport', '2g'], 'must be 2 to 31 lowercase letters and digits, and begin with a letter'],
  [['transport', 'websocket'], 'is there already'],
  [['transport', 'sse'], 'the name is taken'],
  [['transport', 'auto'], 'the name is taken'],
  [['transport', 'plugs'], 'the name is taken'],
  [['transport', 'default'], 'a word of the language'],
  [['transport', 'lines'], 'the list of lines calls something else so'],
  [['transport', 'name'], 'the list of lines calls something else so'],
  [['transport', 'plug'], 'the list of lines calls something else so'],
  [['transport', 'credentials'], 'the server has another path /credentials'],
  [['transport', 'healthz'], 'the server has another path /healthz'],
  [['transport', 'metrics'], 'the server has another path /metrics'],
  [['transport', 'readyz'], 'the server has another path /readyz'],
  [['transport', 'ws'], 'the server has another path /ws'],
  [['transport', 'poll'], 'the server has another path /poll'],
  [['transport', 'turn', '--behind-exchange'], 'other variables begin with TURN_'],
  [['transport', 'engine', '--behind-exchange'], 'other variables begin with ENGINE_'],
  [['transport', 'dial', '--behind-exchange'], 'DialError is something else already'],
  [['transport', 'type', '--behind-exchange'], 'TypeError is something else already'],
])('the generator says what is wrong with %s', (args, sentence) => {
  const { status, stderr } = spawnSync('node', ['scripts/gen.mjs', ...args], { cwd: root, encoding: 'utf8' })
  expect([status, stderr]).toEqual([1, expect.stringContaining(sentence)])
})
