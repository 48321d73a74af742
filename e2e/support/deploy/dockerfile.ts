import { execFile } from 'node:child_process'
import { cp, mkdir } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { promisify } from 'node:util'
import type { Values } from './compose.ts'

const execute = promisify(execFile)

/** One line of a Dockerfile, continued lines joined. */
interface Instruction {
  readonly name: string
  /** Without its `--name=value` options. */
  readonly text: string
  readonly options: Values
}

/** A part of a Dockerfile that begins with `FROM`. */
export interface Stage {
  readonly name: string
  /** Name of an image, or of a stage before. */
  readonly from: string
  readonly instructions: readonly Instruction[]
}

/** What a container of a built image starts with. */
export interface Image {
  /** Its working directory, outside a container. */
  readonly folder: string
  readonly environment: Values
  readonly command: readonly string[]
  readonly healthcheck: readonly string[]
}

/** Reads the stages of a Dockerfile. */
export function readDockerfile(text: string): readonly Stage[] {
  const lines = text
    .replaceAll(/^\s*#.*\n/gm, '')
    .replaceAll(/\\\n\s*/g, '')
    .split('\n')
  const stages: { name: string; from: string; instructions: Instruction[] }[] = []
  for (const line of lines.filter((one) => one.trim() !== '')) {
    const [, name = '', given = '', rest = ''] = /^(\w+)\s+((?:--\S+\s+)*)(.*)$/.exec(line) ?? []
    const options = Object.fromEntries(
      [...given.matchAll(/--([\w-]+)=(\S+)/g)].map(([, key = '', value = '']) => [key, value]),
    )
    if (name === 'FROM') {
      const [from = '', , stage = ''] = rest.split(/\s+/)
      stages.push({ name: stage, from, instructions: [] })
    } else stages.at(-1)?.instructions.push({ name, text: rest, options })
  }
  return stages
}

/** Where a stage of a Dockerfile is carried out. */
interface Yard {
  /** In place of `/`. */
  readonly root: string
  readonly stages: ReadonlyMap<string, string>
  /** Root of the build context. */
  readonly context: string
  /** Paths of the context that a build gets to see. */
  readonly files: readonly string[]
  /** Environment of the commands, for example where caches are. */
  readonly environment: Values
}

/**
 * Carries out a Dockerfile outside a container: its steps run on this machine, with its programs, in folders in place of
 * the roots of the stages. @returns what a container of each target starts with.
 */
export async function buildImages(
  stages: readonly Stage[],
  targets: readonly string[],
  { folder, ...yard }: Omit<Yard, 'root' | 'stages'> & { readonly folder: string },
): Promise<ReadonlyMap<string, Image>> {
  const roots = new Map<string, string>()
  const images = new Map<string, Image>()
  for (const stage of stages) {
    const root = join(folder, stage.name)
    images.set(stage.name, await carryOut(stage, { ...yard, root, stages: roots }))
    roots.set(stage.name, root)
  }
  return new Map([...images].filter(([name]) => targets.includes(name)))
}

async function carryOut(stage: Stage, yard: Yard): Promise<Image> {
  let image: Image = { folder: yard.root, environment: {}, command: [], healthcheck: [] }
  for (const { name, text, options } of stage.instructions) {
    if (name === 'WORKDIR') {
      image = { ...image, folder: join(yard.root, text) }
      await mkdir(image.folder, { recursive: true })
    } else if (name === 'ENV') image = { ...image, environment: { ...image.environment, ...variablesOf(text) } }
    else if (name === 'COPY') await copy(text, options.from, image.folder, yard)
    else if (name === 'RUN') await run(text, image, yard)
    else if (name === 'CMD') image = { ...image, command: JSON.parse(text) as string[] }
    else if (name === 'HEALTHCHECK')
      image = { ...image, healthcheck: JSON.parse(text.replace(/^CMD /, '')) as string[] }
    // A user and a port of the container's own have no meaning outside one.
    else if (name !== 'USER' && name !== 'EXPOSE') throw new SyntaxError(`${name} is not known here.`)
  }
  return image
}

const variablesOf = (text: string): Values =>
  Object.fromEntries(text.split(' ').map((pair) => pair.split('=', 2) as [string, string]))

async function copy(text: string, from: string | undefined, folder: string, yard: Yard): Promise<void> {
  const [source = '', target = ''] = text.split(' ')
  const copyTo = (path: string, destination: string) =>
    cp(path, destination, { recursive: true, verbatimSymlinks: true, force: true })
  if (from !== undefined) return copyTo(join(yard.stages.get(from) ?? '', source), resolve(folder, target))
  const whole = source === '.'
  const files = yard.files.filter((path) => whole || path === source)
  if (files.length === 0) throw new Error(`COPY ${text}: there is no ${source}.`)
  for (const path of files) {
    const destination = whole ? join(folder, path) : join(resolve(folder, target), path.split('/').at(-1) ?? '')
    await mkdir(dirname(destination), { recursive: true })
    await copyTo(join(yard.context, path), destination)
  }
}

async function run(command: string, { folder, environment }: Image, yard: Yard): Promise<void> {
  const env = { ...process.env, ...yard.environment, ...environment }
  await execute('sh', ['-ec', command], { cwd: folder, env, maxBuffer: 64 * 1_048_576 }).catch((error: unknown) => {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string }
    throw new Error(`RUN ${command} failed:\n${stdout}${stderr}`, { cause: error })
  })
}
