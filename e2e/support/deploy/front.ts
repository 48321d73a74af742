import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { requireProgram } from '@patchbay/test-servers'
import { acceptsAt, Program } from '../process.ts'
import type { Stack } from './stack.ts'

const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']

/**
 * Starts nginx in Caddy's place before the services of a stack, with Caddy's certificate.
 * @param configuration as `/etc/nginx/conf.d` has it.
 */
export async function startFront(configuration: string, stack: Stack): Promise<{ stop(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'patchbay-front-'))
  const [http, https] = [stack.portOf('caddy', 80), stack.portOf('caddy', 443)]
  const certificate = join(stack.folderOf('caddy'), 'data/caddy/certificates/local/localhost/localhost')
  const site = stack
    .rewrite(configuration, { name: 'nginx', ports: [], mounts: [] })
    .replaceAll('chat.example', 'localhost')
    .replace('127.0.0.1:80;', `127.0.0.1:${http};`)
    .replace('127.0.0.1:443 ', `127.0.0.1:${https} `)
    .replace('/etc/nginx/tls/fullchain.pem', `${certificate}.crt`)
    .replace('/etc/nginx/tls/privkey.pem', `${certificate}.key`)
  const main = join(folder, 'nginx.conf')
  await writeFile(
    main,
    `daemon off;
${process.getuid?.() === 0 ? 'user root;' : ''}
pid ${folder}/pid;
events {}
http {
  access_log off;
  ${temporary.map((name) => `${name}_temp_path ${folder}/${name};`).join(' ')}
  include ${folder}/site.conf;
}
`,
  )
  await writeFile(join(folder, 'site.conf'), site)
  const nginx = new Program(requireProgram('nginx'), ['-p', folder, '-c', main, '-e', 'stderr'], {
    cwd: folder,
    env: {},
    ready: acceptsAt([http, https]),
  })
  await nginx.start()
  return {
    async stop() {
      await nginx.stop('SIGTERM')
      await rm(folder, { recursive: true, force: true })
    },
  }
}
