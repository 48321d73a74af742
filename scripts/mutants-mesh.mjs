const chat = 'packages/core/src/mesh/chat-exchange.ts'
const incoming = 'packages/core/src/files/incoming-file.ts'
const exchange = 'packages/core/src/files/file-exchange.ts'
const mesh = 'packages/core/src/mesh/mesh.ts'
const link = 'packages/core/src/mesh/peer-link.ts'
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
  {
    name: 'looks at every candidate there is',
    file: negotiator,
    find: 'if ((this.#candidates += 1) > MAX_CANDIDATES) return true',
    replace: '',
    tests: 'hostile-peer',
  },
  {
    name: 'takes descriptions without a certificate',
    file: negotiator,
    find: '/^a=fingerprint:/m.test(sdp) && ',
    replace: '',
    tests: 'hostile-peer',
  },
  {
    name: 'listens to floods',
    file: link,
    find: 'if (this.#messages > MAX_MESSAGES || this.#said > MAX_SAID) return this.#rejectPeer()',
    replace: '',
    tests: 'hostile-peer',
  },
  {
    name: 'passes everything on for everyone',
    file: link,
    find: 'if ((this.#relayed += 1) <= MAX_RELAYED) ',
    replace: '',
    tests: 'hostile-peer',
  },
  {
    name: 'keeps every offer that was taken back',
    file: exchange,
    find: 'if (unanswered) this.#incoming.delete(id)',
    replace: '',
    tests: 'hostile-files',
  },
  {
    name: 'asks again for a file that was stopped while its sender was away',
    file: exchange,
    find: 'if (stoppedAlready || ',
    replace: 'if (',
    tests: 'files',
  },
  {
    name: 'takes any number of candidates from those who pass them on',
    file: link,
    find: "if (signal.type === 'ice_candidate' && (this.#passedOn += 1) > MAX_PASSED_ON) return",
    replace: '',
    tests: 'hostile-peer',
  },
  {
    name: 'takes a confirmation of an earlier life for its own',
    file: chat,
    find: 'if (stream !== this.#stream) return true',
    replace: '',
    tests: 'hostile-peer',
  },
  {
    name: 'lets a sealed signal be heard twice',
    file: 'packages/core/src/seal/replay-window.ts',
    find: 'if (n <= this.#newest - WIDTH || this.#heard.has(n)) return false',
    replace: '',
    tests: 'seal',
  },
  {
    name: 'binds a sealed signal to nobody',
    file: 'packages/core/src/seal/signal-seal.ts',
    find: 'return [type, from.id, from.instance, to.id, to.instance]',
    replace: 'return [type]',
    tests: 'seal',
  },
  {
    name: 'binds a sealed signal to no life of a page',
    file: 'packages/core/src/seal/signal-seal.ts',
    find: 'return [type, from.id, from.instance, to.id, to.instance]',
    replace: 'return [type, from.id, to.id]',
    tests: 'seal',
  },
  {
    name: 'takes any nonce for the one that was committed to',
    file: 'packages/core/src/mesh/safety-check.ts',
    find: 'if (!kept) return this.#host.reject()',
    replace: '',
    tests: 'safety',
  },
]
