import {
  type ConversationMessage,
  type ConversationPage,
  type ConversationRequest,
  type MessageReference,
  parseConversationMessage,
  parseConversationRequest,
  type PastMessage,
  type PeerId,
  type Statement,
} from '@patchbay/protocol'
import type { AppChannel, Mesh } from '../mesh/index.ts'
import { sizeOfLink } from './entry.ts'
import type { NewStatement } from './own-statements.ts'

/** Most ids of one `got`. */
const MAX_GOT = 100

/** What a conversation does with what arrives. */
export interface ConversationWireHandlers {
  /** Counts a message of a member. @returns whether it may be read. */
  measure(from: PeerId, size: number): boolean
  statement(from: PeerId, statement: Statement): void
  read(from: PeerId, id: string): void
  got(from: PeerId, ids: readonly string[]): void
  typing(from: PeerId, isTyping: boolean): void
  changed(): void
  mayAsk(from: PeerId): boolean
  statements(after: number): ConversationPage<Statement>
  /** `undefined`: this client gives none. */
  history(before: MessageReference | undefined): ConversationPage<PastMessage> | undefined
}

/** The application channels that a conversation goes over. */
export class ConversationWire {
  readonly #channel: AppChannel<unknown>
  readonly #typing: AppChannel<unknown>

  constructor(mesh: Mesh, on: ConversationWireHandlers) {
    this.#channel = mesh.channel('patchbay:conversation')
    this.#typing = mesh.channel('patchbay:typing', { delivery: 'latest' })
    this.#channel.onMessage((value, from) => this.#take(on, value, from))
    this.#channel.onRequest((value, from) => {
      const request = parseConversationRequest(value)
      if (request === undefined || !on.mayAsk(from)) throw new Error('not answered')
      return request.type === 'statements' ? on.statements(request.after) : (on.history(request.before) ?? nothing)
    })
    this.#typing.onMessage((value, from) => typeof value === 'boolean' && on.typing(from, value))
  }

  readonly sayTyping = (isTyping: boolean): void => void this.#typing.send(isTyping)

  readonly sayRead = (to: PeerId, id: string): boolean => this.say({ type: 'read', id }, to)

  sayGot(to: PeerId, ids: readonly string[]): void {
    for (let i = 0; i < ids.length; i += MAX_GOT) this.say({ type: 'got', ids: ids.slice(i, i + MAX_GOT) }, to)
  }

  /** Sends to one member, or to all. @returns `false` if nothing was sent. */
  say(message: ConversationMessage, to?: PeerId): boolean {
    return this.#channel.send(message, to)
  }

  /** @throws {ChannelError} */
  ask(from: PeerId, request: ConversationRequest): Promise<unknown> {
    return this.#channel.request(request, from)
  }

  close(): void {
    this.#channel.close()
    this.#typing.close()
  }

  #take(on: ConversationWireHandlers, value: unknown, from: PeerId): void {
    const message = parseConversationMessage(value)
    if (!on.measure(from, weigh(message)) || message === undefined) return
    switch (message.type) {
      case 'read':
        on.read(from, message.id)
        break
      case 'got':
        on.got(from, message.ids)
        break
      default:
        on.statement(from, message)
    }
    on.changed()
  }
}

/** @returns what a message counts, in UTF-16 code units; `undefined`: one that cannot be read. */
export function weigh(message: ConversationMessage | undefined): number {
  return (message && lengthOf(message)) || 64
}

/** @returns how much text is in a message, in UTF-16 code units. */
export function lengthOf(message: ConversationMessage | NewStatement): number {
  if (message.type === 'link') return sizeOfLink(message)
  return message.type === 'edit' ? message.text.length : 0
}

/** The answer of one who gives no history. */
const nothing: ConversationPage<PastMessage> = { items: [], more: false }
