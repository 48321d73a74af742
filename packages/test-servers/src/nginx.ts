import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { freePort, openFolder, requireProgram, ServerProcess } from './program.ts'

/** A reverse proxy on loopback in front of a server. */
export interface Nginx {
  readonly port: number
  stop(): Promise<void>
}

/** Difficult behaviour of this nginx, and its port. */
export interface NginxWays {
  /** Buffers each response until it is complete, and compresses it. */
  readonly buffers?: boolean
  /** Times out a request after the server has sent nothing for this long. */
  readonly cutsAfterSeconds?: number
  /** Strips the upgrade from every request, like a proxy without WebSocket support. */
  readonly refusesWebSocket?: boolean
  /** Port to listen on; by default a free one. */
  readonly port?: number
  /** Text of a configuration: the parameters of its servers, and its reasons to ask the next one, are taken over. */
  readonly like?: string
  /** Ctrl-C in a terminal does not end it. */
  readonly isDetached?: boolean
}

/**
 * Starts an nginx in front of a port of this machine, or of several: these get its requests and connections in turn.
 */
export async function startNginx(upstream: number | readonly number[], ways: NginxWays = {}): Promise<Nginx> {
  const path = requireProgram('nginx')
  const folder = await openFolder('nginx')
  await mkdir(join(folder, 'tmp'))
  const port = ways.port ?? (await freePort())
  const conf = join(folder, 'nginx.conf')
  await writeFile(conf, configuration(folder, port, upstream, ways))
  const args = ['-p', folder, '-c', conf, '-e', join(folder, 'error.log')]
  const program = new ServerProcess(path, args, [port], undefined, ways.isDetached)
  await program.start()
  return {
    port,
    async stop() {
      await program.stop()
      await rm(folder, { recursive: true })
    },
  }
}

function configuration(folder: string, port: number, upstream: number | readonly number[], ways: NginxWays): string {
  const servers = [upstream].flat()
  // Nobody is taken out of the turn: tests say themselves who is there.
  const parameters = ways.like === undefined ? 'max_fails=0' : found(/server server-1:4000 (.*);/, ways.like)
  const turn = servers.map((one) => `server 127.0.0.1:${one} ${parameters};`).join(' ')
  const usualReasons = servers.length > 1 ? 'error timeout non_idempotent' : 'off'
  const reasons = ways.like === undefined ? usualReasons : found(/proxy_next_upstream (.*);/, ways.like)
  const { buffers = false, cutsAfterSeconds = 3_600, refusesWebSocket = false } = ways
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
  // With HTTP/1.1 to the server, nginx forwards chunks at once even when buffering is on.
  const buffering = buffers
    ? `proxy_http_version 1.0;
      proxy_buffering on; proxy_buffer_size 1m; proxy_buffers 8 1m; proxy_busy_buffers_size 2m;
      proxy_ignore_headers X-Accel-Buffering; proxy_max_temp_file_size 0;
      gzip on; gzip_min_length 0; gzip_proxied any; gzip_types *;`
    : 'proxy_http_version 1.1; proxy_buffering off;'
  const upgrade = refusesWebSocket
    ? `proxy_set_header Upgrade ""; proxy_set_header Connection "";`
    : `proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection $connection_upgrade;`
  return `daemon off;
worker_processes 1;
${process.getuid?.() === 0 ? 'user root;' : ''}
pid ${folder}/nginx.pid;
error_log ${folder}/error.log warn;
worker_shutdown_timeout 1s;
worker_rlimit_nofile 16384;
events { worker_connections 8192; }
http {
  access_log off;
  ${temporary.map((name) => `${name}_temp_path ${folder}/tmp/${name};`).join(' ')}
  map $http_upgrade $connection_upgrade { default upgrade; '' ''; }
  upstream servers { ${turn} }
  server {
    listen 127.0.0.1:${port};
    location / {
      proxy_pass http://servers;
      proxy_set_header Host $http_host;
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
      ${upgrade}
      ${buffering}
      proxy_read_timeout ${cutsAfterSeconds}s;
      proxy_connect_timeout 1s;
      proxy_next_upstream ${reasons};
    }
  }
}
`
}

function found(pattern: RegExp, text: string): string {
  const [, part] = pattern.exec(text) ?? []
  if (part === undefined) throw new Error(`The configuration has nothing like ${pattern}.`)
  return part
}
