// Deliberate defects for mutation testing. The tests listed with each must catch it: `pnpm teeth`.

import { existsSync, readdirSync } from 'node:fs'
import { boundMutants } from './mutants-bounds.mjs'
import { conversationMutants } from './mutants-conversation.mjs'
import { lineMutants } from './mutants-lines.mjs'
import { mediaMutants } from './mutants-media.mjs'
import { meshMutants } from './mutants-mesh.mjs'
import { hostMutants } from './mutants-hosts.mjs'
import { nodeMutants } from './mutants-nodes.mjs'

/**
 * @typedef {object} Mutant
 * @property {string} name what the broken build does.
 * @property {string} file the source file it changes, relative to the root.
 * @property {string} find text that occurs in the file exactly once.
 * @property {string} replace the replacement.
 * @property {string} [project] vitest project of those tests; `core` by default.
 * @property {string} tests vitest filters, separated by spaces; at least one of these tests must fail.
 */

const session = 'packages/core/src/session/session.ts'
const outbox = 'packages/core/src/session/outbox.ts'
const hub = 'packages/core/src/hub/hub.ts'
const participant = 'packages/core/src/hub/participant.ts'
const memberships = 'packages/core/src/hub/memberships.ts'
const client = 'packages/core/src/client/signaling-client.ts'
const channel = 'packages/core/src/client/room-channel.ts'
const negotiation = 'packages/core/src/mesh/negotiation.ts'

const authority = 'packages/core/src/hub/authority.ts'
const permit = 'packages/core/src/hub/permit.ts'
const incoming = 'packages/core/src/hub/incoming-line.ts'

/** Those of single transports are in their folders. */
const packages = new URL('../packages/', import.meta.url)
const transportFiles = readdirSync(packages)
  .map((name) => new URL(`${name}/test/mutants.mjs`, packages))
  .filter((file) => existsSync(file))
/** @type {Mutant[]} */
const transportMutants = (await Promise.all(transportFiles.map((file) => import(file.href)))).flatMap(
  (one) => one.mutants,
)

/** @type {readonly Mutant[]} */
export const mutants = [
  {
    name: 'keeps any number of frames while a greeting is judged',
    file: incoming,
    find: '(this.#early?.length ?? 0) <= MAX_EARLY.frames && this.#earlySize <= MAX_EARLY.size',
    replace: 'this.#early !== null',
    project: 'server that waits',
    tests: 'authorize',
  },
  {
    name: 'opens a session for a client that is gone',
    file: incoming,
    find: '    if (this.#isOver) return\n    try {',
    replace: '    try {',
    project: 'server that waits',
    tests: 'authorize',
  },
  {
    name: 'waits for an authorize that hangs',
    file: authority,
    find: 'const stopTimer = this.#clock.after(JUDGE_MS,',
    replace: 'const stopTimer = this.#clock.after(100 * JUDGE_MS,',
    project: 'server that waits',
    tests: 'authorize',
  },
  {
    name: 'resumes a session for anybody with the secret',
    file: hub,
    find: 'participant.identity.id !== peer || participant.permit.subject !== grant.subject',
    replace: 'participant.identity.id !== peer',
    project: 'server that waits',
    tests: 'authorize',
  },
  {
    name: 'never ends a token',
    file: permit,
    find: 'if (expiresInMs !== undefined)\n',
    replace: 'if (expiresInMs === null)\n',
    project: 'server that waits',
    tests: 'authorize',
  },
  {
    name: 'judges renewals side by side',
    file: permit,
    find: 'if (this.#renewing !== undefined) return',
    replace: '',
    project: 'server that waits',
    tests: 'authorize',
  },
  {
    name: 'lets into every room',
    file: memberships,
    find: "if (!permit.allows(id)) return this.#owner.refuse('forbidden', id)",
    replace: '',
    project: 'server that waits',
    tests: 'authorize',
  },
  {
    name: 'does not resend anything on a new line',
    file: session,
    find: 'for (const frame of this.#outbox.unacked()) line.send(frame)',
    replace: '',
    tests: 'session.test hub.test',
  },
  {
    name: 'acknowledges before it has received',
    file: session,
    find: 'encode({ type, sent: this.#outbox.sent, received: this.#received }',
    replace: 'encode({ type, sent: this.#outbox.sent, received: this.#received + 1 }',
    tests: 'session.test hub.test',
  },
  {
    name: 'does not notice that a line lost frames',
    file: session,
    find: "if (there.sent > this.#received) this.#drop('frames_lost')",
    replace: '',
    tests: 'session.test hub.test',
  },
  {
    name: 'keeps unacknowledged messages without a bound',
    file: outbox,
    find: 'if (this.#frames.length >= this.#limits.frames || this.#size + frame.length > this.#limits.size) return false',
    replace: '',
    tests: 'session.test hub.test',
  },
  {
    name: 'has no heartbeat',
    file: session,
    find: "return this.#drop('silent')",
    replace: 'this.#heardAt = now',
    tests: 'session.test hub.test',
  },
  {
    name: 'never gives up a line that is too slow',
    file: session,
    find: 'return oldestAt === undefined ? Infinity : Math.max(oldestAt, this.#attachedAt) + this.#rules.slowMs',
    replace: 'return oldestAt === undefined ? Infinity : Number.MAX_VALUE',
    tests: 'session.test hub.test',
  },
  {
    name: 'never changes its epoch',
    file: hub,
    find: 'readonly #epoch = createEpoch()',
    replace: "readonly #epoch = 'A'.repeat(22) as ReturnType<typeof createEpoch>",
    tests: 'session.test hub.test',
  },
  {
    name: 'drops messages to a member that was removed as lost',
    file: participant,
    find: 'const target = room.of(to)',
    replace: 'const target = room.members.get(to)',
    tests: 'session.test hub.test',
  },
  {
    name: 'lets any page open a line',
    file: 'packages/server/src/origin-policy.ts',
    find: 'hostname(`http://${host}`) === hostname(origin)',
    replace: 'hostname(origin) !== host',
    project: 'server',
    tests: 'signaling-server.test',
  },
  {
    name: 'does not limit the lines of an address',
    file: 'packages/server/src/address-limits.ts',
    find: 'counts.lines >= linesPerAddress',
    replace: 'false',
    project: 'server',
    tests: 'signaling-server.test',
  },
  {
    name: 'sends the last frame again instead of each new one',
    file: 'packages/transport-websocket/src/frame-writer.ts',
    find: 'if (last.text !== text) last',
    replace: 'if (last.text.length !== text.length) last',
    project: 'transport-websocket',
    tests: 'frames.test',
  },
  {
    name: 'resumes from impossible counts',
    file: outbox,
    find: 'return received >= this.#acked && received <= this.sent',
    replace: 'return true',
    tests: 'session.test hub.test',
  },
  {
    name: 'leaves the line it replaced open',
    file: session,
    find: "if (before !== undefined) endLine(before, { code: 'superseded' })",
    replace: '',
    tests: 'session.test hub.test',
  },
  {
    name: 'lets anyone resume a session',
    file: hub,
    find: 'participant.identity.id !== peer ||',
    replace: '',
    tests: 'session.test hub.test',
  },
  {
    name: 'waits for hello for ever',
    file: 'packages/core/src/hub/incoming-line.ts',
    find: "host.clock.after(host.limits.helloMs, () => this.refuse('hello_timeout'))",
    replace: '() => {}',
    tests: 'session.test hub.test',
  },
  {
    name: 'claims a new session is the old one',
    file: hub,
    find: 'this.#welcomeOf(participant, transport, false)',
    replace: 'this.#welcomeOf(participant, transport, true)',
    tests: 'session.test hub.test',
  },
  {
    name: 'relays for those who are not in the room',
    file: participant,
    find: "if (room?.members.has(this.identity.id) !== true) return this.refuse('not_in_room', id)",
    replace: 'if (room === undefined) return',
    tests: 'session.test hub.test',
  },
  {
    name: 'stamps the receiver as the sender',
    file: participant,
    find: 'from: this.identity.id }, body',
    replace: 'from: to }, body',
    tests: 'session.test hub.test',
  },
  {
    name: 'lets a room grow past its limit',
    file: 'packages/core/src/hub/rooms.ts',
    find: 'others: room.takenBeside(peer)',
    replace: 'others: -1',
    tests: 'session.test hub.test',
  },
  {
    name: 'has no rate limit',
    file: participant,
    find: 'if (!this.#rate.take(size, this.#host.clock.now()))',
    replace: 'if (this.#rate === undefined)',
    tests: 'session.test hub.test',
  },
  {
    name: 'lets one member fill the outbox of another',
    file: participant,
    find: 'if (this.session.isBackedUp) return false',
    replace: '',
    tests: 'session.test hub.test',
  },
  {
    name: 'does not let a returning lost member in again',
    file: memberships,
    find: 'for (const [room, membership] of this.#rooms) this.#enter(room, membership)',
    replace: '',
    tests: 'session.test hub.test client-outage',
  },
  {
    name: 'never removes a silent member',
    file: participant,
    find: "this.#presence = 'lost'\n      this.#memberships.show()",
    replace: "this.#presence = 'lost'",
    tests: 'session.test hub.test',
  },
  {
    name: 'forgets who was there when the server restarts',
    file: channel,
    find: 'const SETTLE_MS = 10_000',
    replace: 'const SETTLE_MS = 0',
    tests: 'session.test hub.test',
  },
  {
    name: 'does not join again on a new session',
    file: client,
    find: 'for (const room of this.#rooms.values()) room.join()',
    replace: 'if (this.#epoch === undefined) for (const room of this.#rooms.values()) room.join()',
    tests: 'session.test hub.test',
  },
  {
    name: 'tells of the membership before',
    file: channel,
    find: "if (type !== 'peers' && type !== 'error' && this.#store.getSnapshot().status !== 'joined') return",
    replace: '',
    tests: 'room-channel',
  },
  {
    name: 'says no goodbye on a line that the session moves to',
    file: client,
    find: 'this.#resuming?.send(bye)',
    replace: '',
    tests: 'lines.test',
  },
  {
    name: 'is impolite at both ends',
    file: negotiation,
    find: 'return self < other',
    replace: 'return self.length < 0',
    tests: 'states',
  },
  {
    name: 'applies every offer, colliding or not',
    file: negotiation,
    find: "if (local.is === 'offered' && !role.polite) {",
    replace: 'if (false as boolean) {',
    tests: 'negotiation simulator',
  },
  {
    name: 'applies an offer that was overtaken',
    file: negotiation,
    find: 'if (offer.n < remote.floor && !isStuck)',
    replace: 'if (false as boolean)',
    tests: 'negotiation',
  },
  {
    name: 'forgets an offer that overtook an answer',
    file: negotiation,
    find: 'ignored !== undefined && ignored.n > answer.offers ?',
    replace: 'ignored !== undefined && ignored.n < 0 ?',
    tests: 'negotiation',
  },
  {
    name: 'never sends a lost offer again',
    file: negotiation,
    find: 'return { next, effects: [sendOffer(state)] }',
    replace: 'return { next, effects: [] }',
    tests: 'negotiation',
  },
  {
    name: 'keeps peers that are neither listed nor heard',
    file: 'packages/core/src/mesh/parking.ts',
    find: "if (link.state.phase === 'connecting' || link.silentMs > PARKED_MS) this.#on.lose(member)",
    replace: 'if (link.silentMs < 0) this.#on.lose(member)',
    tests: 'parked',
  },
  {
    name: 'forgets that the newest ignored offer is the one to take up',
    file: negotiation,
    find: 'offer.n > (local.ignored?.n ?? 0) ? offer : local.ignored',
    replace: 'offer',
    tests: 'negotiation',
  },
  ...transportMutants,
  ...conversationMutants,
  ...boundMutants,
  ...lineMutants,
  ...meshMutants,
  ...mediaMutants,
  ...nodeMutants,
  ...hostMutants,
]
