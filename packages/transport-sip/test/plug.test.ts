import { expect, test } from 'vitest'
import { plug } from '../src/plug.ts'

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

test('a deployment without an exchange, or with half an account, has no line', () => {
  expect(plug.settings({ server, environment: {} })).toBeUndefined()
  expect(plug.settings({ server, environment: { ...environment, SIP_PAGE_URI: 'sip:page@a.example' } })).toBeUndefined()
})
