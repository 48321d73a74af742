const rules = 'packages/core/src/engine/room-rules.ts'
const hub = 'packages/core/src/hub'
const engine = 'packages/core/src/engine'

/** Defects of locks, knocks and removals, which their tests must notice. */
export const hostMutants = [
  {
    name: 'makes anybody a host who shows a key',
    file: rules,
    find: 'host !== undefined && opened?.host === host',
    replace: 'host !== undefined',
    tests: 'moderation.test',
  },
  {
    name: 'lets newcomers into a locked room',
    file: rules,
    find: "return rules.isLocked && !hasSeat && verdict !== 'admitted' ? 'locked' : undefined",
    replace: 'return undefined',
    tests: 'moderation.test',
  },
  {
    name: 'lets whoever was removed come back',
    file: rules,
    find: "if (verdict === 'removed') return 'removed'",
    replace: '',
    tests: 'moderation.test',
  },
  {
    name: 'keeps every verdict of a room',
    file: rules,
    find: '[...all].slice(-MAX_VERDICTS)',
    replace: '[...all]',
    tests: 'moderation.test',
  },
  {
    name: 'lets any member lock a room and remove others',
    file: `${hub}/memberships.ts`,
    find: 'own.info.host !== true || ',
    replace: '',
    tests: 'moderation.test',
  },
  {
    name: 'lets a host remove another',
    file: `${hub}/memberships.ts`,
    find: '(peer !== undefined && room.of(peer)?.info.host === true)',
    replace: 'false',
    tests: 'moderation.test',
  },
  {
    name: 'leaves a removed member in the room of its node',
    file: `${hub}/room.ts`,
    find: 'member.removed(this.id)',
    replace: 'void member',
    tests: 'moderation.test',
  },
  {
    name: 'tells a host of everybody who knocks, however many',
    file: `${hub}/participant.ts`,
    find: 'isHere && this.#knocks.tryTake(1, now)',
    replace: 'isHere',
    tests: 'moderation.test',
  },
  {
    name: 'shows a key on a server that has forgotten it',
    file: 'packages/core/src/client/room-channel.ts',
    find: 'this.#isKnown && !this.moderation.getSnapshot().isHost',
    replace: 'false',
    tests: 'room-moderation.test',
  },
  {
    name: 'ends the seats of those who are expected at a knock',
    file: `${engine}/dead-seats.ts`,
    find: "entry.refused === 'full' || dead.length === snapshot.seats.length ? dead : []",
    replace: 'dead',
    tests: 'moderation-nodes',
  },
  {
    name: 'forgets the rules of a room with its last node',
    file: `${engine}/leased-engine.ts`,
    find: 'rulesMs: RULES_MS',
    replace: 'rulesMs: 0',
    tests: 'moderation-nodes',
  },
  {
    name: 'says nothing of rules that may have been made',
    file: `${engine}/leased-engine.ts`,
    find: 'if (hasBegun) this.#doubt(room)',
    replace: '',
    tests: 'moderation-nodes',
  },
  {
    name: 'lets a slower node undo what a host has just said',
    file: rules,
    find: 'found.revision < remembered.revision',
    replace: 'true',
    tests: 'moderation-nodes',
  },
  {
    name: 'shows a removed member again that its node puts',
    file: `${hub}/shared-rooms.ts`,
    find: "if (room.rules?.verdicts[seat.info.id] === 'removed' && seat.info.host !== true) return",
    replace: '',
    tests: 'moderation-nodes',
  },
  {
    name: 'lets a host say as much as it likes',
    file: `${hub}/memberships.ts`,
    find: "if (!this.#rules.tryTake(1, clock.now())) return this.#owner.refuse('too_fast', id, peer)",
    replace: '',
    tests: 'moderation-nodes',
  },
]
