import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { DCLinter } from 'dclint'
import { afterAll, describe, expect, test } from 'vitest'
import { knownVariables, readConfig } from '../../apps/server/src/config.ts'
import { defaultHubLimits } from '../../packages/core/src/hub/index.ts'
import {
  interpolate,
  parseCompose,
  readCompose,
  readEnvFile,
  UnsetVariableError,
} from '../../e2e/support/deploy/compose.ts'
import { readDockerfile } from '../../e2e/support/deploy/dockerfile.ts'
import { envExample, variableTables } from '../env-example.mjs'

const root = fileURLToPath(new URL('../../', import.meta.url))
const read = (path: string) => readFileSync(`${root}${path}`, 'utf8')
const compose = read('compose.yaml')
const example = read('.env.example')
const configuration = read('docs/configuration.md')
const guide = read('docs/deploy.md')
const stages = readDockerfile(read('deploy/Dockerfile'))
const folder = mkdtempSync(join(tmpdir(), 'patchbay-deploy-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Something for every variable that must be set. */
const anything = Object.fromEntries([...compose.matchAll(/\$\{(\w+):\?/g)].map(([, name = '']) => [name, 'anything']))
const services = readCompose(compose, anything)
const serviceOf = (name: string) => services.find((service) => service.name === name)

describe('compose.yaml', () => {
  /** What the schema of the Compose Specification, which dclint brings along, says against a file. */
  const violations = (text: string) => {
    const path = join(folder, 'compose.yaml')
    writeFileSync(path, text)
    const results = new DCLinter({ rules: {}, quiet: true, debug: false, exclude: [] }).lintFiles([path], false)
    return results.flatMap(({ messages }) => messages.filter(({ rule }) => rule === 'invalid-schema'))
  }

  test('is valid by the schema of the Compose Specification', () => {
    expect(violations(compose)).toEqual([])
    expect(violations(compose.replace('network_mode:', 'networks_mode:'))).toHaveLength(1)
  })

  test('sets only variables that the programs read', async () => {
    const known = await knownVariables()
    const pageSources = execFileSync('git', ['ls-files', 'apps/web/src', 'packages/*/src/plug.ts'], {
      cwd: root,
      encoding: 'utf8',
    })
    const page = pageSources.trim().split('\n').map(read).join('\n')
    for (const { name, environment, command } of services) {
      const text = command.join(' ')
      const isRead = (variable: string) => {
        if (name.startsWith('server-')) return known.has(variable)
        if (name === 'page') return variable === 'PORT' || new RegExp(`\\b${variable}\\b`).test(page)
        if (name === 'caddy') return variable.startsWith('XDG_') || read('deploy/Caddyfile').includes(`{$${variable}}`)
        return new RegExp(`\\$${variable}\\b`).test(text)
      }
      expect(
        Object.keys(environment).filter((variable) => !isRead(variable)),
        name,
      ).toEqual([])
    }
  })

  test('takes only variables that .env.example has', () => {
    const taken = new Set([...compose.matchAll(/(?<!\$)\$\{(\w+)/g)].map(([, name = '']) => name))
    expect(taken.size).toBeGreaterThan(5)
    expect([...taken].filter((name) => !new RegExp(`^#?${name}=`, 'm').test(example))).toEqual([])
  })

  test('refers to files, stages and services that there are', () => {
    const sources = services.flatMap(({ mounts }) => mounts.flatMap(({ source = [] }) => source))
    expect(sources.length).toBeGreaterThan(3)
    expect(sources.filter((path) => !existsSync(join(root, path)))).toEqual([])
    for (const { build, dependsOn } of services) {
      if (build !== undefined) {
        expect(build.dockerfile).toBe('deploy/Dockerfile')
        expect(stages.map(({ name }) => name)).toContain(build.target)
      }
      expect(dependsOn.filter((name) => serviceOf(name) === undefined)).toEqual([])
    }
    const hosts = [read('deploy/Caddyfile'), read('deploy/nginx.conf'), compose].flatMap((text) => [
      ...text.matchAll(/\b(?:server-\d|page|mosquitto|redis):\d{3,}/g),
    ])
    expect(hosts.length).toBeGreaterThan(8)
    const unknown = hosts.map(([host]) => host.split(':') as [string, string])
    expect(unknown.filter(([name, port]) => serviceOf(name)?.ports.includes(Number(port)) !== true)).toEqual([])
  })

  test('gives both servers the same settings but for their names, and names the version of every image', () => {
    const [one, two] = ['server-1', 'server-2'].map((name) => parseCompose(compose).services[name])
    expect({ ...two, environment: { ...two?.environment, NODE_NAME: 'server-1' } }).toEqual(one)
    const images = [
      ...services.filter(({ build }) => build === undefined).map(({ image }) => image),
      ...stages.map(({ from }) => from),
    ]
    expect(images.filter((image) => !/:\d/.test(image))).toEqual([])
  })
})

test('the Dockerfile copies what there is, runs as a user without rights, checks its health, and has the pnpm of package.json', () => {
  for (const { name, instructions } of stages) {
    for (const { text, options } of instructions.filter((one) => one.name === 'COPY')) {
      const [source = ''] = text.split(' ')
      if (options.from === undefined) expect(existsSync(join(root, source)), text).toBe(true)
      else
        expect(
          stages
            .slice(
              0,
              stages.findIndex((stage) => stage.name === name),
            )
            .map((stage) => stage.name),
        ).toContain(options.from)
    }
  }
  for (const target of ['server', 'page']) {
    const names =
      stages.find(({ name }) => name === target)?.instructions.map(({ name, text }) => `${name} ${text}`) ?? []
    expect(names).toContain('USER node')
    expect(names.filter((line) => /^(HEALTHCHECK|CMD) /.test(line))).toHaveLength(2)
  }
  const { packageManager } = JSON.parse(read('package.json')) as { packageManager: string }
  const versions = [...read('deploy/Dockerfile').matchAll(/npx -y (\S+)/g)].map(([, name]) => name)
  expect(new Set(versions)).toEqual(new Set([packageManager]))
})

test('coturn has relays for a peer who has a connection to everybody in a full room, and tries each anew', () => {
  const quotas = /^user-quota=(\d+)\ntotal-quota=(\d+)$/m.exec(read('apps/server/coturn/turnserver.conf')) ?? []
  const [, ofPeer, inTotal] = quotas.map(Number) as [number, number, number]
  const urls = serviceOf('server-1')?.environment.TURN_URLS?.split(',') ?? []
  expect(urls).toHaveLength(2)
  const relays = urls.length * (defaultHubLimits.peersPerRoom - 1)
  expect(ofPeer).toBeGreaterThanOrEqual(2 * relays)
  expect(inTotal).toBeGreaterThanOrEqual(ofPeer * defaultHubLimits.peersPerRoom)
  expect(inTotal, 'as many ports').toBeLessThan(65_536 - 49_152)
})

test('.env.example is what `node scripts/env-example.mjs` writes', async () => {
  expect(example).toBe(envExample(await knownVariables(), configuration, compose))
})

test('docs/configuration.md has every variable of the server, with its default', async () => {
  const known = await knownVariables()
  const rows = variableTables(configuration)[0]?.rows ?? []
  expect(rows.flatMap(({ names }) => names).toSorted()).toEqual([...known.keys()].toSorted())
  const stated = rows.flatMap((row) => row.names.map((name) => [name, /^`(.*)`$/.exec(row.default)?.[1]] as const))
  expect(Object.fromEntries(stated)).toEqual(Object.fromEntries(known))
})

describe('docs/deploy.md', () => {
  test('shows the files that the tests run', () => {
    const blocks = [...guide.matchAll(/<!-- (\S+) -->\n\n```\w*\n([\s\S]*?)```/g)]
    expect(blocks.map(([, path]) => path)).toEqual(['deploy/Caddyfile', 'deploy/nginx.conf'])
    for (const [, path = '', text] of blocks) expect(text).toBe(read(path))
  })

  test('needs 15 numbered lines, which give the servers a valid configuration', async () => {
    const lines = [...guide.matchAll(/^(\d+)\. (.*)$/gm)]
    expect(lines.map(([, number]) => Number(number))).toEqual(Array.from({ length: 15 }, (_, index) => index + 1))
    writeFileSync(join(folder, '.env.example'), example)
    for (const [, , line = ''] of lines) {
      const [, command] = /`((?:cp|sed) .*?)`/.exec(line) ?? []
      if (command !== undefined) execFileSync('sh', ['-ec', command], { cwd: folder })
    }
    const values = readEnvFile(readFileSync(join(folder, '.env'), 'utf8'))
    for (const { name, environment } of readCompose(compose, values).filter((service) => service.envFiles.length > 0)) {
      const { turn, allowedOrigins, nodeName } = await readConfig({ ...values, ...environment })
      expect({ nodeName, allowedOrigins }).toEqual({ nodeName: name, allowedOrigins: ['https://chat.example'] })
      expect(turn?.urls).toEqual(['turn:chat.example:3478?transport=udp', 'turn:chat.example:3478?transport=tcp'])
      expect(turn?.secret).toMatch(/^[\da-f]{64}$/)
    }
    expect(values.TURN_EXTERNAL_IP).toBe('203.0.113.7')
    expect(() => readCompose(compose, readEnvFile(example))).toThrow(UnsetVariableError)
  })
})

test('.dockerignore leaves out what git ignores', () => {
  const ignored = read('.dockerignore').split('\n')
  const names = read('.gitignore').trim().split('\n')
  expect(names.filter((name) => !ignored.includes(`**/${name}`))).toEqual([])
})

test.each([
  ['plain', 'plain'],
  ['${A}', 'a'],
  ['${NONE}', ''],
  ['${NONE:-b}', 'b'],
  ['${A:-b}', 'a'],
  ['${NONE:-x${A}:${NONE:-y}}z', 'xa:yz'],
  ['$$A $${A}', '$A ${A}'],
])('variables are put in as Compose does: %s', (text, result) => {
  expect(interpolate(text, { A: 'a', EMPTY: '' })).toBe(result)
})
