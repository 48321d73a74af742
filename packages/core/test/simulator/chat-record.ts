import type { Mesh } from '../../src/mesh/index.ts'

/** The part of a page that chat uses. */
interface Writer {
  readonly name: string
  readonly open: { readonly mesh: Mesh } | undefined
}

/** Record of all messages sent, with the writer and the people in the room at the time. */
export class ChatRecord {
  #written = 0
  readonly #said: {
    readonly name: string
    readonly mesh: Mesh
    readonly text: string
    readonly readers: readonly { readonly name: string; readonly instance: string }[]
  }[] = []

  /** Sends the next number to the room. */
  write({ name, open }: Writer): void {
    if (open === undefined) return
    const { mesh } = open
    const text = `${(this.#written += 1)}`
    const readers = mesh.getSnapshot().map(({ info }) => ({ name: info.name, instance: info.instance }))
    mesh.chat.send(text)
    this.#said.push({ name, mesh, text, readers })
  }

  /** @returns messages that were not received exactly once and in order. */
  problems(pages: readonly Writer[]): string[] {
    return [...pages.flatMap((page) => this.#disorder(page)), ...this.#unheard(pages)]
  }

  /** Everyone who was in the room when it was sent, and was never dropped, has received it. */
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

  /** Each writer's messages are received in order and at most once. */
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
