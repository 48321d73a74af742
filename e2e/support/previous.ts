import { build, type Plugin } from 'esbuild'
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { folder } from './fixtures.ts'

const root = folder('.')

/** The commit before the one that is tested: `PREVIOUS_COMMIT`, or the first parent of HEAD. */
const revision = process.env.PREVIOUS_COMMIT ?? 'HEAD~1'

/**
 * Checks the commit before this one out.
 * @returns its folder, or why there is none: a checkout without history, or one that had no such example yet.
 */
export function checkOutPrevious(): { readonly path: string } | { readonly why: string } {
  const path = mkdtempSync(join(tmpdir(), 'patchbay-previous-'))
  const archive = spawnSync('git', ['archive', revision, 'packages', 'examples/hello'], { cwd: root, maxBuffer: 1e9 })
  const unpacked = archive.status === 0 && spawnSync('tar', ['-x', '-C', path], { input: archive.stdout }).status === 0
  if (unpacked && existsSync(join(path, 'packages/room/src/index.ts'))) return { path }
  rmSync(path, { recursive: true, force: true })
  return { why: `${revision} has no examples/hello, or is not in this checkout` }
}

/** Takes our packages from the sources below `path`, and all others from this checkout. */
function packagesOf(path: string): Plugin {
  const others = readdirSync(join(root, 'packages')).map((name) => join(root, 'packages', name))
  return {
    name: 'packages of another checkout',
    setup({ onResolve, resolve }) {
      onResolve({ filter: /^@patchbay\// }, ({ path: specifier }) => {
        const [, name = '', ...rest] = specifier.split('/')
        const folderOf = join(path, 'packages', name)
        const { exports } = JSON.parse(readFileSync(join(folderOf, 'package.json'), 'utf8')) as {
          exports: Record<string, { '@patchbay/source': string }>
        }
        const entry = exports[['.', ...rest].join('/')]?.['@patchbay/source']
        return entry === undefined ? undefined : { path: join(folderOf, entry) }
      })
      onResolve({ filter: /^[a-z@]/ }, async ({ path: specifier, kind, pluginData }) => {
        if (pluginData === 'tried') return undefined
        for (const resolveDir of others) {
          const found = await resolve(specifier, { kind, resolveDir, pluginData: 'tried' })
          if (found.errors.length === 0) return found
        }
        return undefined
      })
    },
  }
}

/** Serves the page of `examples/hello`, built from the sources below `path`. */
export async function serveHello(path: string): Promise<{ readonly origin: string; close(): void }> {
  const { outputFiles } = await build({
    entryPoints: [join(path, 'examples/hello/src/main.ts')],
    plugins: [packagesOf(path)],
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    outdir: '/',
    write: false,
  })
  const files = new Map(outputFiles.map((file) => [file.path, file.contents]))
  const html = readFileSync(join(path, 'examples/hello/index.html'), 'utf8').replace('/src/main.ts', '/main.js')
  const server = createServer((request, response) => {
    const script = files.get(request.url ?? '')
    response.setHeader('content-type', script === undefined ? 'text/html' : 'text/javascript')
    response.end(script ?? html)
  }).listen(0, 'localhost')
  await once(server, 'listening')
  return {
    origin: `http://localhost:${(server.address() as AddressInfo).port}`,
    close: () => {
      server.closeAllConnections()
      server.close()
    },
  }
}
