import type { Mesh } from '../../src/mesh/index.ts'

/** A page as far as chat is concerned. */
interface Writer {
  readonly name: string
  readonly open: { readonly mesh: Mesh } | undefined
}

/** Everything that was written, by whom, and who was in the room then. */
export class ChatRecord {
  #written = 0
  readonly #said: {
    readonly name: string
    readonly mesh: Mesh
    readonly text: string
    readonly readers: readonly { readonly name: string; readonly instance: string }[]
  }[] = []

  /** Writes the next number into the room. */
  write({ name, open }: Writer): void {
    if (open === undefined) return
    const { mesh } = open
    const text = `${(this.#written += 1)}`
    const readers = mesh.getSnapshot().map(({ info }) => ({ name: info.name, instance: info.instance }))
    mesh.sendChat(text)
    this.#said.push({ name, mesh, text, readers })
  }

  /** @returns what was not heard, or not once and in order. */
  problems(pages: readonly Writer[]): string[] {
    return [...pages.flatMap((page) => this.#disorder(page)), ...this.#unheard(pages)]
  }

  /** Whoever was there when it was written, and was never given up, has heard it. */
  #unheard(pages: readonly Writer[]): string[] {
    return this.#said.flatMap((said) => {
      if (pages.every(({ open }) => open?.mesh !== said.mesh)) return []
      const log = said.mesh.chat.getSnapshot()
      const since = log.slice(log.findIndex((entry) => entry.kind === 'message' && entry.text === said.text))
      return said.readers.flatMap(({ name, instance }) => {
        const reader = pages.find((page) => page.name === name)?.open?.mesh.chat.getSnapshot()
        const same = said.mesh.getSnapshot().some(({ info }) => info.name === name && info.instance === instance)
        const gone = since.some((entry) => entry.kind !== 'message' && entry.name === name)
        if (reader === undefined || !same || gone) return []
        const heard = reader.some((entry) => entry.kind === 'message' && entry.text === said.text)
        return heard ? [] : [`${name} never heard ${said.text} of ${said.name}`]
      })
    })
  }

  /** Each writer's messages are heard in the order they were written, none twice. */
  #disorder({ name, open }: Writer): string[] {
    const last = new Map<string, number>()
    return (open?.mesh.chat.getSnapshot() ?? []).flatMap((entry) => {
      if (entry.kind !== 'message' || entry.from === undefined) return []
      const number = Number(entry.text)
      const ordered = number > (last.get(entry.from) ?? 0)
      last.set(entry.from, number)
      return ordered ? [] : [`${name} heard chat ${number} out of order`]
    })
  }
}
