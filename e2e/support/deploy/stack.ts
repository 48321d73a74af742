import { execFile } from 'node:child_process'
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { freePort, loopbackPeers } from '@patchbay/test-servers'
import { acceptsAt, Program } from '../process.ts'
import { readCompose, readEnvFile, type Service, type Values } from './compose.ts'
import type { Image } from './dockerfile.ts'

const execute = promisify(execFile)

/** What must be different where nothing but loopback may be used, by service. */
const loopback: Readonly<Record<string, (text: string) => string>> = {
  mosquitto: (text) => text.replaceAll(/^listener \d+$/gm, '$& 127.0.0.1'),
  coturn: (text) => `${loopbackPeers(text)}\nlistening-ip=127.0.0.1\nrelay-ip=127.0.0.1\n`,
}

interface StackOptions {
  /** Root of the repository. */
  readonly context: string
  /** What the images that the Compose file builds start with, by target. */
  readonly images: ReadonlyMap<string, Image>
  /** Values for the `.env` file. @param port where a port of a service is on this machine. */
  readonly env: (port: (service: string, port: number) => number) => Values
}

/**
 * The services of compose.yaml outside containers: their commands run on this machine with the environment and the files
 * that the containers get. Names of services and ports become free ports on loopback, paths become folders of each service.
 */
export class Stack {
  readonly #folder: string
  readonly #ports: ReadonlyMap<string, number>
  readonly #programs = new Map<string, Program>()
  #services: readonly Service[] = []

  private constructor(folder: string, ports: ReadonlyMap<string, number>) {
    this.#folder = folder
    this.#ports = ports
  }

  /** Prepares the services without starting any. */
  static async open({ context, images, env }: StackOptions): Promise<Stack> {
    const compose = await readFile(join(context, 'compose.yaml'), 'utf8')
    const example = await readFile(join(context, '.env.example'), 'utf8')
    // Whatever the values are, names and ports are the same.
    const outline = readCompose(compose, {
      ...Object.fromEntries([...compose.matchAll(/\$\{(\w+)/g)].map(([, name]) => [name, '-'])),
    })
    const ports = new Map<string, number>()
    for (const { name, ports: own } of outline) for (const port of own) ports.set(`${name}:${port}`, await freePort())
    const folder = await mkdtemp(join(tmpdir(), 'patchbay-deploy-'))
    // Some programs give up their rights before they read their files.
    await chmod(folder, 0o755)
    const stack = new Stack(folder, ports)
    const file = fillIn(
      example,
      env((service, port) => stack.portOf(service, port)),
    )
    stack.#services = readCompose(compose, readEnvFile(file))
    for (const service of stack.#services)
      stack.#programs.set(service.name, await stack.#prepare(service, context, images, file))
    return stack
  }

  /** Where a port of a service is on this machine. */
  portOf(service: string, port: number): number {
    const mapped = this.#ports.get(`${service}:${port}`)
    if (mapped === undefined) throw new RangeError(`compose.yaml has no port ${port} of a service "${service}".`)
    return mapped
  }

  /** The folder in place of a container's root. */
  folderOf(service: string): string {
    return join(this.#folder, service)
  }

  programOf(service: string): Program {
    const program = this.#programs.get(service)
    if (program === undefined) throw new RangeError(`compose.yaml has no service "${service}".`)
    return program
  }

  /** Starts every service after those that it depends on, and waits until all are healthy. */
  async start(): Promise<void> {
    const started = new Map<string, Promise<void>>()
    const start = (name: string): Promise<void> => {
      const { dependsOn = [] } = this.#services.find((service) => service.name === name) ?? {}
      const running = started.get(name) ?? Promise.all(dependsOn.map(start)).then(() => this.programOf(name).start())
      started.set(name, running)
      return running
    }
    await Promise.all(this.#services.map(({ name }) => start(name)))
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#programs.values()].map((program) => program.stop('SIGKILL')))
    await rm(this.#folder, { recursive: true, force: true })
  }

  /** A text of a service's with the ports and paths of this machine. */
  rewrite(text: string, { name, ports, mounts }: Pick<Service, 'name' | 'ports' | 'mounts'>): string {
    const paths = ['/tmp', ...mounts.map(({ source, target }) => (source === undefined ? target : dirname(target)))]
    let result = text.replaceAll(/\b([a-z][\w-]*):(\d+)\b/g, (whole, host: string, port: string) => {
      const mapped = this.#ports.get(`${host}:${port}`)
      return mapped === undefined ? whole : `127.0.0.1:${mapped}`
    })
    for (const port of ports) {
      result = result.replaceAll(new RegExp(`(?<![\\w.-])${port}(?![\\w.-])`, 'g'), String(this.portOf(name, port)))
    }
    result = result.replaceAll(/(?<![\d.:])0\.0\.0\.0(?![\d.-])/g, '127.0.0.1')
    return result.replaceAll(
      new RegExp(`(?<![\\w/.-])(?:${[...new Set(paths)].join('|')})(?![\\w-])`, 'g'),
      (path) => `${this.folderOf(name)}${path}`,
    )
  }

  async #prepare(service: Service, context: string, images: StackOptions['images'], file: string): Promise<Program> {
    const { name, mounts, build, healthcheck, ports, envFiles } = service
    const image = build === undefined ? undefined : images.get(build.target)
    if (build !== undefined && image === undefined) throw new RangeError(`There is no image for ${name}.`)
    const root = this.folderOf(name)
    await mkdir(join(root, 'tmp'), { recursive: true })
    for (const { source, target } of mounts) {
      await mkdir(join(root, source === undefined ? target : dirname(target)), { recursive: true })
      if (source === undefined) continue
      const text = this.rewrite(await readFile(join(context, source), 'utf8'), service)
      await writeFile(join(root, target), loopback[name]?.(text) ?? text)
    }
    const given = { ...image?.environment, ...(envFiles.length > 0 && readEnvFile(file)), ...service.environment }
    const env = {
      ...Object.fromEntries(Object.entries(given).map(([key, value]) => [key, this.rewrite(value, service)])),
      PATH: [process.env.PATH, '/usr/sbin', '/usr/local/sbin'].join(delimiter),
    }
    const cwd = image?.folder ?? root
    const [command = '', ...args] = (service.command.length > 0 ? service.command : (image?.command ?? [])).map(
      (word) => this.rewrite(word, service),
    )
    const check = healthcheck === undefined ? image?.healthcheck : ['sh', '-c', this.rewrite(healthcheck, service)]
    const isHealthy = async ([program = '', ...rest]: readonly string[]) =>
      execute(program, rest, { cwd, env: { ...process.env, ...env } }).then(
        () => true,
        () => false,
      )
    const accepts = acceptsAt(ports.map((port) => this.portOf(name, port)))
    // The health check starts a program, so it is asked only when it can succeed.
    const ready = async () => (await accepts()) && (check === undefined || isHealthy(check))
    return new Program(command, args, { cwd, env, ready })
  }
}

/** `.env.example` with some of its variables set. @throws {RangeError} for one that it does not have. */
function fillIn(example: string, values: Values): string {
  return Object.entries(values).reduce((text, [name, value]) => {
    const line = new RegExp(`^#?${name}=.*$`, 'm')
    if (!line.test(text)) throw new RangeError(`.env.example has no ${name}.`)
    return text.replace(line, () => `${name}=${value}`)
  }, example)
}
