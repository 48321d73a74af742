/** Deliberate defects in the bounds that hold attackers: see `mutants.mjs`. */
const participant = 'packages/core/src/hub/participant.ts'
const memberships = 'packages/core/src/hub/memberships.ts'
const table = 'packages/core/src/hub/session-table.ts'
const limits = 'packages/server/src/address-limits.ts'

/** @type {import('./mutants.mjs').Mutant[]} */
export const boundMutants = [
  {
    name: 'tells a member that is far behind of every change',
    file: memberships,
    find: 'if (this.#owner.session.isBackedUp) this.#stale.add(room)\n    else this.#owner.session.send(frame)',
    replace: 'this.#owner.session.send(frame)',
    tests: 'hub-bounds',
  },
  {
    name: 'never tells a member that was far behind what it missed',
    file: memberships,
    find: 'if (room?.members.has(identity.id) === true) this.#answer(room)\n    }\n    this.#stale.clear()',
    replace: '}\n    this.#stale.clear()',
    tests: 'hub-bounds',
  },
  {
    name: 'keeps anything for sessions without a line',
    file: participant,
    find: 'if (!this.#host.waiting.tryTake(this.identity.address, frame.length)) return false',
    replace: '',
    tests: 'hub-bounds',
  },
  {
    name: 'lets a session join as fast as it likes',
    file: memberships,
    find: "if (!this.#joins.tryTake(1, clock.now())) return this.#owner.refuse('too_fast', id)",
    replace: '',
    tests: 'hub-bounds',
  },
  {
    name: 'gives the place of one who was lost away',
    file: 'packages/core/src/hub/room.ts',
    find: 'return this.#members.size + this.#kept.size - own',
    replace: 'return this.#members.size - own',
    tests: 'hub-bounds hub-counts',
  },
  {
    name: 'keeps the place of one who never comes back',
    file: participant,
    find: "this.#memberships.leaveAll(this.#sameInstance ? 'lost' : reasonOf(code))",
    replace: "if (this.#presence !== 'lost') this.#memberships.leaveAll(this.#sameInstance ? 'lost' : reasonOf(code))",
    tests: 'hub-bounds',
  },
  {
    name: 'refuses newcomers for the sake of sessions without a line',
    file: table,
    find: 'this.#bySession.size < sessions || endFirst(this.#away)',
    replace: 'this.#bySession.size < sessions',
    tests: 'hub-bounds',
  },
  {
    name: 'reads on after `close`',
    file: 'packages/core/src/hub/incoming-line.ts',
    find: "if (message.type === 'close') return this.#end()",
    replace: "if (message.type === 'close') return undefined",
    tests: 'hub-bounds',
  },
  {
    name: 'calls everybody silent after it stood still',
    file: 'packages/core/src/session/session.ts',
    find: 'if (now - this.#dueAt > STOPPED_MS) return this.#wake(now)',
    replace: '',
    tests: 'hub-bounds',
  },
  {
    name: 'counts each address of an IPv6 network by itself',
    file: 'packages/core/src/hub/network.ts',
    find: '.slice(0, 4)',
    replace: '',
    tests: 'hub-bounds',
  },
  {
    name: 'answers any number of requests',
    file: limits,
    find: 'return requests !== undefined && !requests.has(1, performance.now())',
    replace: 'return requests === undefined',
    project: 'server',
    tests: 'hostile-addresses',
  },
  {
    name: 'keeps any number of sockets',
    file: limits,
    find: 'counts.sockets >= SOCKETS_PER_LINE * this.#options.linesPerAddress + SPARE_SOCKETS',
    replace: 'counts.sockets < 0',
    project: 'server',
    tests: 'hostile-addresses',
  },
  {
    name: 'believes X-Forwarded-For whoever sends it',
    file: 'packages/server/src/client-address.ts',
    find: 'trust(withoutPort(one), distance)',
    replace: 'true',
    project: 'server',
    tests: 'hostile-addresses',
  },
  {
    name: 'reads any number of bodies of one line',
    file: 'packages/transport-longpoll/src/body-reader.ts',
    find: 'this.#byLine.get(line)?.destroy()',
    replace: '',
    project: 'server',
    tests: 'hostile-addresses',
  },
]
