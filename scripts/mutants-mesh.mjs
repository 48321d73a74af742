const chat = 'packages/core/src/mesh/chat-exchange.ts'
const incoming = 'packages/core/src/files/incoming-file.ts'
const exchange = 'packages/core/src/files/file-exchange.ts'
const mesh = 'packages/core/src/mesh/mesh.ts'
const negotiator = 'packages/core/src/mesh/negotiator.ts'

/** @type {readonly import('./mutants.mjs').Mutant[]} */
export const meshMutants = [
  {
    name: 'sends chat that was on its way no second time',
    file: chat,
    find: '...this.#unconfirmed.map((message) => encode(',
    replace: '...[].map((message) => encode(',
    tests: 'simulator',
  },
  {
    name: 'expects every stream of chat from its beginning',
    file: chat,
    find: 'this.#theirs = { stream, heard: before }',
    replace: 'this.#theirs = { stream, heard: 0 }',
    tests: 'simulator',
  },
  {
    name: 'asks no third member for help',
    file: mesh,
    find: 'if (helper?.link.sendRelay(wrap(link.info.id, signal)) === true) return',
    replace: '',
    tests: 'detour',
  },
  {
    name: 'takes any certificate from whoever passes a description on',
    file: negotiator,
    find: "known !== '' && fingerprintsOf(sdp) === known",
    replace: 'true',
    tests: 'relayed',
  },
  {
    name: 'takes a piece of a file from anywhere',
    file: incoming,
    find: 'offset === this.#received && offset',
    replace: 'offset',
    tests: 'files',
  },
  {
    name: 'takes more of a file than was announced',
    file: incoming,
    find: ' && offset + bytes.length <= this.request.size',
    replace: '',
    tests: 'files',
  },
  {
    name: 'believes any hash',
    file: incoming,
    find: "if (found !== expected) return resolve('corrupt')",
    replace: '',
    tests: 'files',
  },
  {
    name: 'forgets the files when the connection is lost',
    file: exchange,
    find: 'if (!outgoing.over) this.#send(outgoing.offer())',
    replace: 'void outgoing',
    tests: 'files',
  },
  {
    name: 'takes files without asking',
    file: exchange,
    find: '(await store.has(incoming.request)) && ',
    replace: '',
    tests: 'files',
  },
]
