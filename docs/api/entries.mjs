import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const packages = new URL('../../packages/', import.meta.url)

/** @param {string} folder */
function manifestOf(folder) {
  return JSON.parse(readFileSync(new URL(`${folder}/package.json`, packages), 'utf8'))
}

/** Sources of everything that a published package exports, with the names by which it is imported. */
export const entries = new Map(
  readdirSync(packages).flatMap((folder) => {
    const { name, private: isPrivate = false, exports } = manifestOf(folder)
    if (isPrivate) return []
    return Object.entries(exports).flatMap(([path, target]) => {
      const source = target['@patchbay/source']
      return source === undefined
        ? []
        : [[fileURLToPath(new URL(`${folder}/${source}`, packages)), `${name}${path.slice(1)}`]]
    })
  }),
)
