import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { freePort } from '@patchbay/test-servers'
import { expect, type Page } from '@playwright/test'
import { answersAt, Program } from './process.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const catalog = readFileSync(join(root, 'pnpm-workspace.yaml'), 'utf8')
const versionOf = (name: string) => new RegExp(`^  '?${name}'?: (.+)$`, 'm').exec(catalog)?.[1]

/** A project of somebody else's, outside this repository, with packed packages of ours. */
export class Consumer {
  readonly folder: string = mkdtempSync(join(tmpdir(), 'patchbay-consumer-'))
  /** Files that `pnpm pack` has made. */
  readonly packed: string[] = []
  readonly #programs: Program[] = []

  /**
   * @param ours names of packages of this repository.
   * @param theirs names of packages from npm, in the versions of the catalog.
   */
  install(ours: readonly string[], theirs: readonly string[]): void {
    const dependencies: Record<string, string | undefined> = {}
    for (const name of ours) {
      const args = ['pack', '--json', '--pack-destination', this.folder]
      const { filename } = JSON.parse(this.run('pnpm', args, join(root, 'packages', name))) as { filename: string }
      dependencies[`@patchbay/${name}`] = `file:${filename}`
      this.packed.push(filename)
    }
    for (const name of theirs) dependencies[name] = versionOf(name)
    writeFileSync(join(this.folder, 'package.json'), JSON.stringify({ private: true, type: 'module', dependencies }))
    this.run('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline'])
  }

  write(path: string, text: string): void {
    writeFileSync(join(this.folder, path), text)
  }

  /** @throws {Error} with all of its output when it fails. */
  run(command: string, args: readonly string[], cwd = this.folder): string {
    const env = { ...process.env, NEXT_TELEMETRY_DISABLED: '1' }
    const { status, stdout, stderr } = spawnSync(command, args, { cwd, env, encoding: 'utf8' })
    if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${stdout}${stderr}`)
    return stdout
  }

  /** Starts a program of the project. @returns the port that it was given as `PORT`, once it answers there. */
  async start(args: (port: number) => readonly string[], path: string): Promise<number> {
    const port = await freePort()
    const ready = answersAt(`http://127.0.0.1:${port}${path}`)
    const env = { PORT: String(port), NEXT_TELEMETRY_DISABLED: '1' }
    const program = new Program('node', args(port), { cwd: this.folder, env, ready })
    this.#programs.push(program)
    await program.start()
    return port
  }

  async dispose(): Promise<void> {
    for (const program of this.#programs) await program.stop('SIGKILL')
    rmSync(this.folder, { recursive: true, force: true })
  }
}

/** Two pages with a field `Message` and a button `Send` chat both ways. */
export async function chat(ada: Page, bob: Page): Promise<void> {
  const say = async (page: Page, text: string) => {
    await page.getByLabel('Message').fill(text)
    await page.getByRole('button', { name: 'Send' }).click()
  }
  // Until the other is there, nobody hears it.
  await expect(async () => {
    await say(ada, 'hello')
    await expect(bob.getByText('Ada: hello').first()).toBeVisible({ timeout: 500 })
  }).toPass()
  await say(bob, 'hello Ada')
  await expect(ada.getByText('Bob: hello Ada')).toBeVisible()
}
