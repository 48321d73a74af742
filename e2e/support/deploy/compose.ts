import { parse } from 'yaml'

/** A service of a Compose file: what of it holds outside a container as well. */
export interface Service {
  readonly name: string
  /** Set where the image is built from the repository. */
  readonly build: { readonly dockerfile: string; readonly target: string } | undefined
  readonly image: string
  /** Entry point and command; empty: those of the image. */
  readonly command: readonly string[]
  readonly environment: Readonly<Record<string, string>>
  readonly envFiles: readonly string[]
  /** Ports that it listens on. */
  readonly ports: readonly number[]
  /** Files of the repository by where the container has them, and named volumes without a source. */
  readonly mounts: readonly { readonly source: string | undefined; readonly target: string }[]
  readonly dependsOn: readonly string[]
  /** A line for the shell. */
  readonly healthcheck: string | undefined
}

/** Values of variables. */
export type Values = Readonly<Record<string, string>>

/** A variable that the Compose file requires is not set. */
export class UnsetVariableError extends Error {
  override readonly name: string = 'UnsetVariableError'
}

/**
 * Puts in variables as Compose does: `$NAME` with braces, `:-default`, `:?message`, and `$$` for `$`.
 * @throws {UnsetVariableError} for a required one that is empty.
 */
export function interpolate(text: string, values: Values): string {
  const start = text.indexOf('$')
  if (start < 0) return text
  const before = text.slice(0, start)
  if (text[start + 1] === '$') return `${before}$${interpolate(text.slice(start + 2), values)}`
  if (text[start + 1] !== '{') throw new SyntaxError(`Write \${NAME} or $$ in "${text}".`)
  let end = start + 2
  for (let depth = 1; depth > 0; end += 1) {
    if (end === text.length) throw new SyntaxError(`A brace is not closed in "${text}".`)
    if (text[end] === '{') depth += 1
    if (text[end] === '}') depth -= 1
  }
  const [, name = '', kind, otherwise = ''] = /^(\w+)(?::([-?])(.*))?$/s.exec(text.slice(start + 2, end - 1)) ?? []
  const value = values[name] ?? ''
  if (value === '' && kind === '?') throw new UnsetVariableError(`${name}: ${otherwise}`)
  return `${before}${value === '' && kind === '-' ? interpolate(otherwise, values) : value}${interpolate(text.slice(end), values)}`
}

/** A file of variables: `NAME=value` lines. Comments and empty lines are left out. */
export function readEnvFile(text: string): Values {
  return Object.fromEntries([...text.matchAll(/^(\w+)=(.*)$/gm)].map(([, name = '', value = '']) => [name, value]))
}

/** A Compose file as it is written, anchors and merged keys resolved. */
export function parseCompose(text: string): { readonly services: Readonly<Record<string, RawService>> } {
  return parse(text, { merge: true }) as { services: Record<string, RawService> }
}

interface RawService {
  readonly image: string
  readonly build?: { readonly dockerfile: string; readonly target: string }
  readonly entrypoint?: string[]
  readonly command?: string | string[]
  readonly environment?: Record<string, string>
  readonly env_file?: string
  readonly ports?: string[]
  readonly expose?: string[]
  readonly volumes?: string[]
  readonly depends_on?: Record<string, unknown>
  readonly healthcheck?: { readonly test: string }
}

/** Reads a Compose file with the values of its variables. @throws {UnsetVariableError} */
export function readCompose(text: string, values: Values): readonly Service[] {
  const put = <Node>(node: Node): Node => {
    if (typeof node === 'string') return interpolate(node, values) as Node
    if (Array.isArray(node)) return node.map(put) as Node
    if (typeof node !== 'object' || node === null) return node
    return Object.fromEntries(Object.entries(node).map(([key, value]) => [key, put(value)])) as Node
  }
  return Object.entries(put(parseCompose(text)).services).map(([name, raw]) => ({
    name,
    build: raw.build,
    image: raw.image,
    command: [...(raw.entrypoint ?? []), ...words(raw.command ?? [])],
    environment: raw.environment ?? {},
    envFiles: raw.env_file === undefined ? [] : [raw.env_file],
    ports: [
      ...new Set(
        [...(raw.ports ?? []), ...(raw.expose ?? [])].map((port) => Number.parseInt(port.split(':').at(-1) ?? '', 10)),
      ),
    ],
    mounts: (raw.volumes ?? []).map((volume) => {
      const [source = '', target = ''] = volume.split(':')
      return { source: source.startsWith('.') ? source : undefined, target }
    }),
    dependsOn: Object.keys(raw.depends_on ?? {}),
    healthcheck: raw.healthcheck?.test,
  }))
}

/** A command as words; those in double quotes may be empty or have spaces. */
function words(command: string | readonly string[]): readonly string[] {
  if (typeof command !== 'string') return command
  return [...command.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '')
}
