import { existsSync } from 'node:fs'

/**
 * Whether a program is installed. Also searches `sbin`, which may not be in the path.
 * @param {string} name
 */
export function installed(name) {
  const folders = ['/usr/sbin', '/usr/local/sbin', '/sbin', ...(process.env.PATH ?? '').split(':')]
  return folders.some((folder) => existsSync(`${folder}/${name}`))
}
