const engine = 'packages/core/src/engine'
const hub = 'packages/core/src/hub'

/** Defects of several nodes, which their tests must notice. */
export const nodeMutants = [
  {
    name: 'does not say that a post was lost (engine)',
    file: `${engine}/mail.ts`,
    find: 'if (before?.isVoid !== true && n !== (before?.n ?? 0) + 1) this.#host.gap(from)',
    replace: '',
    project: 'engine-conformance',
    tests: 'memory',
  },
  {
    name: 'takes whoever is late for dead (engine)',
    file: `${engine}/node-view.ts`,
    find: 'this.#tell(this.isCertain ? this.#alive : new Set([...this.#told, ...this.#alive]))',
    replace: 'this.#tell(this.#alive)',
    project: 'engine-conformance',
    tests: 'memory',
  },
  {
    name: 'shows the seats of the dead (engine)',
    file: `${engine}/node-view.ts`,
    find: 'return !this.#alive.has(node) && this.isCertain',
    replace: 'return false',
    project: 'engine-conformance',
    tests: 'memory',
  },
  {
    name: 'forgets what could not be done (engine)',
    file: `${engine}/acts.ts`,
    find: 'await act().then(() => isNewest() && this.#newest.delete(key), keep)',
    replace: 'await act().catch(() => undefined)',
    project: 'engine-conformance',
    tests: 'memory',
  },
  {
    name: 'removes members of whom nobody knows yet',
    file: `${hub}/shared-rooms.ts`,
    find: 'const isComplete = snapshot.isComplete && now - replica.epochAt >= LEASE_MS',
    replace: 'const isComplete = true',
    tests: 'nodes',
  },
  {
    name: 'asks a former home of a session by the session alone',
    file: `${hub}/hub.ts`,
    find: 'if (this.#draining || !this.#isHere(peer)) return undefined',
    replace: 'if (this.#draining || this.#sessions.size < 99) return undefined',
    tests: 'nodes',
  },
  {
    name: 'lets go of a peer that takes its own session over',
    file: `${hub}/hub.ts`,
    find: 'if (!this.#isHere(id)) this.#cluster?.release(id)',
    replace: 'this.#cluster?.release(id)',
    tests: 'nodes',
  },
  {
    name: 'tells of a member that moves that it is gone',
    file: `${hub}/participant.ts`,
    find: "if (code === 'restarting') return 'moving'",
    replace: "if (code === 'restarting') return 'lost'",
    tests: 'nodes',
  },
]
