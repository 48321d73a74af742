#!/usr/bin/env node
// The system's Firefox as Playwright can start it: `executablePath` of the channel moz-firefox. Playwright speaks the
// WebDriver BiDi of the newest Firefox; one of long support may lack an emulation, and without its answer no page opens.
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { WebSocket, WebSocketServer } from 'ws'
import { findFirefox } from './browser.mjs'

/** Commands that change only how a page looks: one that Firefox does not know counts as done. */
const DISPENSABLE = new Set(['emulation.setMediaFeaturesOverride'])

/** Names a download by its page and URL in every event: Firefox has no name for one that is no navigation. @param {string} text */
function nameDownload(text) {
  if (!text.includes('"browsingContext.download')) return text
  const event = JSON.parse(text)
  if (event.type !== 'event' || event.params.navigation !== null) return text
  const { context, url } = event.params
  return JSON.stringify({ ...event, params: { download: `${context} ${url}`, ...event.params } })
}

/**
 * Passes everything between Playwright and Firefox on as it is, but for the answers to what is dispensable.
 * @param {WebSocket} playwright
 * @param {WebSocket} firefox not open yet.
 */
function relay(playwright, firefox) {
  const waiting = new Set()
  const early = []
  playwright.on('message', (/** @type {Buffer} */ data) => {
    const text = data.toString()
    const { id, method } = JSON.parse(text)
    if (DISPENSABLE.has(method)) waiting.add(id)
    if (firefox.readyState === WebSocket.OPEN) firefox.send(text)
    else early.push(text)
  })
  firefox.on('open', () => {
    for (const text of early) firefox.send(text)
  })
  firefox.on('message', (/** @type {Buffer} */ data) => {
    const text = data.toString()
    if (waiting.size > 0) {
      const { id, error } = JSON.parse(text)
      if (waiting.delete(id) && error === 'unknown command') {
        playwright.send(JSON.stringify({ type: 'success', id, result: {} }))
        return
      }
    }
    playwright.send(nameDownload(text))
  })
  playwright.on('close', () => firefox.close())
  firefox.on('close', () => playwright.close())
  firefox.on('error', () => playwright.close())
}

const child = spawn(findFirefox() ?? 'firefox', process.argv.slice(2), { stdio: ['ignore', 'inherit', 'pipe'] })
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(signal, () => child.kill(signal))
child.on('exit', (code) => process.exit(code ?? 1))

createInterface({ input: child.stderr }).on('line', (line) => {
  const address = /WebDriver BiDi listening on (ws:\/\/\S+)/.exec(line)?.[1]
  if (address === undefined) {
    console.error(line)
    return
  }
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 }, () => {
    console.error(`WebDriver BiDi listening on ws://127.0.0.1:${server.address().port}`)
  })
  server.on('connection', (playwright, { url }) => relay(playwright, new WebSocket(`${address}${url}`)))
})
