// Writes .env.example from the server's schema, the tables of docs/configuration.md and compose.yaml: after `pnpm build`,
// `node scripts/env-example.mjs`.
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parse } from 'yaml'

const root = new URL('..', import.meta.url)
const WIDTH = 118
/** What compose.yaml has no use for: it has neither a SIP exchange, which one server alone could use, nor the built-in MQTT broker. */
const ABSENT = /^(?:SIP_|MQTT_PORT$|MQTT_OPEN_PREFIX$)/

/** @typedef {{ names: string[], default: string, meaning: string }} Row of a table of variables. */

/**
 * The tables of variables in docs/configuration.md.
 * @param {string} page
 * @returns {{ title: string, rows: Row[] }[]}
 */
export function variableTables(page) {
  return page
    .split(/^## /m)
    .slice(1)
    .map((section) => ({
      title: section.split('\n', 1)[0] ?? '',
      rows: [...section.matchAll(/^\| (`[A-Z].*?) *\| (.*?) *\| (.*?) *\|$/gm)].map(
        ([, names = '', default_ = '', meaning = '']) => ({
          names: [...names.matchAll(/`(\w+)`/g)].map(([, name = '']) => name),
          default: default_,
          meaning,
        }),
      ),
    }))
}

/**
 * What compose.yaml does with variables: those that must be set, and those of the servers that it sets itself.
 * @param {string} compose
 */
export function composeVariables(compose) {
  /** @type {Record<string, string>} */
  const servers = parse(compose, { merge: true }).services['server-1'].environment
  const isTaken = (/** @type {string} */ name) => new RegExp(`\\$\\{${name}\\b`).test(compose)
  return {
    required: [...new Set([...compose.matchAll(/\$\{(\w+):\?/g)].map(([, name = '']) => name))],
    fixed: Object.keys(servers).filter((name) => !isTaken(name)),
    /** Defaults of its own. */
    defaults: Object.fromEntries(
      [...compose.matchAll(/^ +(\w+): \$\{\1:-(.*)\}$/gm)].map(([, name, value]) => [name, value]),
    ),
    isTaken,
  }
}

/**
 * @param {ReadonlyMap<string, string | undefined>} variables of the server, with their defaults.
 * @param {string} page docs/configuration.md
 * @param {string} compose compose.yaml
 */
export function envExample(variables, page, compose) {
  const tables = variableTables(page)
  const { required, fixed, defaults, isTaken } = composeVariables(compose)
  const meaningOf = new Map(tables.flatMap(({ rows }) => rows.flatMap((row) => row.names.map((name) => [name, row]))))
  const must = required.map((name) => `${comment(meaningOf.get(name)?.meaning ?? '')}\n${name}=`)
  const done = new Set(required)
  const rest = tables.map(({ title, rows }) => {
    const entries = rows
      .map(({ names, meaning }) => ({
        meaning,
        names: names.filter((name) => !done.has(name) && !ABSENT.test(name) && (variables.has(name) || isTaken(name))),
      }))
      .filter(({ names }) => names.length > 0)
      .map(({ names, meaning }) => {
        for (const name of names) done.add(name)
        const own = names.every((name) => fixed.includes(name)) ? ' (compose.yaml sets it)' : ''
        const lines = names.map((name) => `#${name}=${defaults[name] ?? variables.get(name) ?? ''}`)
        return `${comment(`${meaning}${own}`)}\n${lines.join('\n')}`
      })
    return entries.length === 0 ? [] : [`# ── ${title.replaceAll('`', '')}`, ...entries]
  })
  return `${[
    '# Settings of compose.yaml and the programs in it: docs/deploy.md. Copy this file to .env.\n# Written by `node scripts/env-example.mjs`; do not edit.',
    '# ── To be set',
    ...must,
    ...rest.flat(),
  ].join('\n\n')}\n`
}

/** Markdown as lines of a comment. @param {string} markdown */
function comment(markdown) {
  const text = markdown
    .replaceAll(/\[([^\]]*)\]\(([\w.-]+\.md)[^)]*\)/g, (_, label, file) =>
      label === file ? `docs/${file}` : `${label} (docs/${file})`,
    )
    .replaceAll('`', '')
  const lines = ['#']
  for (const word of text.split(' ')) {
    const last = lines.at(-1) ?? ''
    if (last.length + word.length >= WIDTH) lines.push(`# ${word}`)
    else lines[lines.length - 1] = `${last} ${word}`
  }
  return lines.join('\n')
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { knownVariables } = await import(new URL('apps/server/dist/config.js', root).href)
  const [page, compose] = ['docs/configuration.md', 'compose.yaml'].map((path) =>
    readFileSync(new URL(path, root), 'utf8'),
  )
  writeFileSync(new URL('.env.example', root), envExample(await knownVariables(), page ?? '', compose ?? ''))
}
