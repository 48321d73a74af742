import { spawnSync } from 'node:child_process'
import { installed } from '../support/installed.mjs'

/** @returns {string | undefined} why this machine cannot create network namespaces; `undefined` when it can. */
export function whyNoLab() {
  if (process.platform !== 'linux') return 'network namespaces are there on Linux only'
  if (process.getuid?.() !== 0) return 'making network namespaces takes root'
  for (const [program, part] of [
    ['ip', 'iproute2'],
    ['nft', 'nftables'],
    ['turnserver', 'coturn'],
  ]) {
    if (program !== undefined && !installed(program)) return `${part} is not installed`
  }
  const probe = `pb${process.pid}-probe`
  const made = spawnSync('ip', ['netns', 'add', probe]).status === 0
  const works = made && spawnSync('ip', ['netns', 'exec', probe, 'nft', 'list', 'tables']).status === 0
  if (made) spawnSync('ip', ['netns', 'delete', probe])
  return works ? undefined : 'this machine lets nobody make network namespaces'
}
