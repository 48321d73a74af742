// Deliberate defects in this transport, and in credentials for each person; see scripts/mutants.mjs.

/** @type {readonly import('../../../scripts/mutants.mjs').Mutant[]} */
export const mutants = [
  {
    name: 'lets another account speak on a line (SIP server)',
    file: 'packages/transport-sip/src/server.ts',
    find: 'if (line.from !== from) return reject()',
    replace: '',
    project: 'transport-sip',
    tests: 'persons',
  },
  {
    name: 'makes accounts that outlive their grant (SIP)',
    file: 'packages/transport-sip/src/person-account.ts',
    find: 'Math.min(lifetimeMs, expiresInMs)',
    replace: 'lifetimeMs',
    project: 'transport-sip',
    tests: 'persons',
  },
  {
    name: 'gives credentials to pages of any origin',
    file: 'packages/server/src/signaling.ts',
    find: 'if (!this.#allowOrigin(origin, request)) {',
    replace: 'if (origin === null) {',
    project: 'transport-sip',
    tests: 'persons',
  },
  {
    name: 'gives credentials whatever authorize says',
    file: 'packages/server/src/line-credentials.ts',
    find: "if (typeof verdict === 'string') {",
    replace: "if (verdict === 'internal_error') {",
    project: 'transport-sip',
    tests: 'persons',
  },
  {
    name: 'gives one person the lines of everybody (SIP)',
    file: 'packages/transport-sip/src/serve.ts',
    find: '{ linesPerAccount: LINES_PER_PERSON }',
    replace: '{}',
    project: 'transport-sip',
    tests: 'persons',
  },
]
