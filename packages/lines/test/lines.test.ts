import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { chosenPlugs, defaultLines, plugs } from '../src/index.ts'
import { loadServerPlug } from '../src/serve.ts'

/** A deployment that has set whatever a line asks for. */
const site = {
  server: 'https://chat.example/base',
  environment: new Proxy<Record<string, string>>(
    {},
    {
      get: (_, name) =>
        String(name).endsWith('_URL')
          ? 'wss://name:password@exchange.example:8884/path'
          : `sip:${String(name)}@a.example`,
    },
  ),
}

test.each(plugs.map((plug) => [plug.name, plug] as const))(
  '%s says all that a page has to know, and its dialer has its name',
  (name, plug) => {
    const settings = plug.settings(site)
    expect(JSON.parse(JSON.stringify(settings)), 'settings are JSON').toEqual(settings)
    expect(plug.dialer(settings, () => Promise.resolve({})).name).toBe(name)
    expect(plug.traits.lostWithinMs).toBeGreaterThan(0)
    const origins = plug.origins(settings)
    expect(origins.length).toBeGreaterThan(0)
    for (const origin of origins) expect(origin).toMatch(/^(https|wss):\/\/[\w.]+(:\d+)?$/)
  },
)

test('lines are tried in the order of the list, whatever the order of LINES; names that are none are left out', () => {
  expect(chosenPlugs(' longpoll, websocket').map(({ name }) => name)).toEqual(['websocket', 'longpoll'])
  expect(() => chosenPlugs('websocket,no-line')).toThrow(
    'LINES: "no-line" is not a line; there are websocket, longpoll,',
  )
  expect(chosenPlugs(undefined).map(({ name }) => name)).toEqual(defaultLines.split(','))
})

test('every variable of a line is described in docs/configuration.md', async () => {
  const text = readFileSync(new URL('../../../docs/configuration.md', import.meta.url), 'utf8')
  const lines = await Promise.all(plugs.map(loadServerPlug))
  const names = lines.flatMap(({ environment }) => Object.keys(environment.entries))
  expect(names.length).toBeGreaterThan(0)
  expect(names.filter((name) => !text.includes(`\`${name}\``))).toEqual([])
})
