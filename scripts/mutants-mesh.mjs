const chat = 'packages/core/src/mesh/chat-exchange.ts'
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
]
