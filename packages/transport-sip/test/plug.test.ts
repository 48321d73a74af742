import * as v from 'valibot'
import { expect, test } from 'vitest'
import { plug } from '../src/plug.ts'
import { line } from '../src/serve.ts'

const server = 'https://chat.example'
const environment = {
  SIP_PAGE_URL: 'wss://exchange.example:8884/path',
  SIP_SERVER_URI: 'sip:server@exchange.example',
  SIP_SECRET: 'what the exchange shares',
  SIP_PASSWORD: 'of the server',
}
const exchange = { url: environment.SIP_PAGE_URL, server: environment.SIP_SERVER_URI }

test('the page has the account that all pages share, and may reach no more of the exchange than its origin', () => {
  const shared = { uri: 'sip:page@exchange.example', password: 'of everybody' }
  const settings = plug.settings({
    server,
    environment: { ...environment, SIP_PAGE_URI: shared.uri, SIP_PAGE_PASSWORD: shared.password },
  })
  expect(settings).toEqual({ ...exchange, shared })
  expect(settings && plug.origins(settings)).toEqual(['wss://exchange.example:8884'])
})

test('where each person has an account, the page has none of them, nor what they are made with', () => {
  expect(plug.settings({ server, environment })).toEqual(exchange)
})

test.each(['SIP_PAGE_URL', 'SIP_SERVER_URI'])('a deployment without %s has no line', (name) => {
  for (const value of [undefined, ''])
    expect(plug.settings({ server, environment: { ...environment, [name]: value } })).toBeUndefined()
})

test.each([
  ['SIP_PAGE_URL', 'nonsense'],
  ['SIP_PAGE_URL', 'wss://['],
  ['SIP_PAGE_URL', 'https://exchange.example'],
  ['SIP_SERVER_URI', 'server@exchange.example'],
  ['SIP_PAGE_URI', 'sip:page'],
])('the page names %s when it is %s', (name, value) => {
  const settings = () => plug.settings({ server, environment: { ...environment, [name]: value } })
  expect(settings).toThrow(`${name}: "${value}" must be `)
})

test('the page names the password that is missing from the account that all pages share', () => {
  const settings = () => plug.settings({ server, environment: { ...environment, SIP_PAGE_URI: 'sip:page@a.example' } })
  expect(settings).toThrow('SIP_PAGE_PASSWORD: must be set with SIP_PAGE_URI.')
})

test.each([
  ['SIP_URL', 'https://exchange.example'],
  ['SIP_URL', 'wss://['],
  ['SIP_URL', 'wss://exchange.example:99999'],
  ['SIP_URI', 'server@exchange.example'],
  ['SIP_URI', 'sip:server@exchange_1.example:x'],
  ['SIP_SECRET', 'too short'],
  ['SIP_LIFETIME_SECONDS', '29'],
])('the server refuses %s=%s and names the variable', (name, value) => {
  const well = {
    SIP_URL: 'wss://exchange.example:8884/path',
    SIP_URI: 'sip:server@exchange.example',
    SIP_PASSWORD: 'of the server',
  }
  expect(v.safeParse(line.environment, well).success).toBe(true)
  const { issues = [] } = v.safeParse(line.environment, { ...well, [name]: value })
  expect(issues.map((issue) => v.getDotPath(issue))).toEqual([name])
})
