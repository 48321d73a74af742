// Deliberate defects of conversations.

const folder = 'packages/core/src/conversation'

/** @type {readonly import('./mutants.mjs').Mutant[]} */
export const conversationMutants = [
  {
    name: 'lets anybody state something of anybody’s message',
    file: `${folder}/statement-book.ts`,
    find: 'this.#keyOf(from.id, statement.id)',
    replace: '(this.#log.find(statement.id) ? statement.id : this.#keyOf(from.id, statement.id))',
    tests: 'conversation',
  },
  {
    name: 'lets a message that was taken back come again',
    file: `${folder}/statement-book.ts`,
    find: "if (text === undefined && !(statement.type === 'edit' && isWordOfOther)) return {}",
    replace: '',
    tests: 'conversation',
  },
  {
    name: 'keeps any number of statements about messages that never come',
    file: `${folder}/statement-book.ts`,
    find: 'own.length < MAX_PENDING ? this.#pending',
    replace: 'own.length < Infinity ? this.#pending',
    tests: 'conversation',
  },
  {
    name: 'does not ask for the statements that it has missed',
    file: `${folder}/conversation-link.ts`,
    find: 'await this.#getStatements()',
    replace: '',
    tests: 'conversation.test',
  },
  {
    name: 'takes any number of statements',
    file: `${folder}/conversation-link.ts`,
    find: 'if (!isFine) this.#port.cut()',
    replace: '',
    tests: 'conversation',
  },
  {
    name: 'answers any number of questions about what was said',
    file: `${folder}/conversation-wire.ts`,
    find: '|| !on.mayAsk(from)',
    replace: '',
    tests: 'conversation',
  },
  {
    name: 'takes history without end',
    file: `${folder}/conversation-link.ts`,
    find: '.slice(-(MAX_HISTORY.messages - told.messages))',
    replace: '',
    tests: 'conversation',
  },
  {
    name: 'gives a member another share of history with each attempt',
    file: `${folder}/receipts.ts`,
    find: 'this.#told.set(member, told)',
    replace: '',
    tests: 'conversation',
  },
  {
    name: 'takes any number of statements in answers',
    file: `${folder}/conversation-link.ts`,
    find: 'if (!this.#count(this.#answered, weigh(statement))) throw',
    replace: "if (statement.type === ('' as string)) throw",
    tests: 'conversation',
  },
  {
    name: 'prefers what another has told of a message to what its author tells',
    file: `${folder}/conversation-log.ts`,
    find: ' || this.#isToldByOther(one)',
    replace: '',
    tests: 'conversation',
  },
  {
    name: 'asks newcomers what was said',
    file: `${folder}/receipts.ts`,
    find: ' || this.#wereFirst.get(member) !== true) return',
    replace: ') return',
    tests: 'conversation',
  },
  {
    name: 'passes on what was said in a room without history',
    file: `${folder}/conversation.ts`,
    find: 'if (this.#options.history === false) return undefined',
    replace: '',
    tests: 'conversation',
  },
  {
    name: 'lets whoever floods the conversation push out the others',
    file: `${folder}/conversation-log.ts`,
    find: 'find((entry) => authorOf(entry) === heaviest)',
    replace: 'find(() => heaviest !== undefined)',
    tests: 'conversation',
  },
  {
    name: 'shows what was passed on as said by the author',
    file: `${folder}/history.ts`,
    find: 'earlier: teller,',
    replace: 'earlier: undefined,',
    tests: 'conversation',
  },
  {
    name: 'forgets who has received a message',
    file: 'packages/core/src/mesh/chat/room-chat.ts',
    find: 'for (const listener of this.#receivedListeners) listener(message, id)',
    replace: '',
    tests: 'conversation',
  },
]
