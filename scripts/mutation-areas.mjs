/**
 * @typedef {object} Area
 * @property {number} floor Percent of mutants that the tests must notice.
 * @property {readonly string[]} mutate Sources that are mutated.
 * @property {readonly string[]} tests Tests that may notice: those that speak of these sources, and are quick.
 */

const core = 'packages/core'
/** @param {readonly string[]} names @returns {string[]} */
const coreTests = (...names) => names.map((name) => `${core}/test/${name}.test.ts`)
/** @param {readonly string[]} names @returns {string[]} */
const meshSources = (...names) => names.map((name) => `${core}/src/mesh/${name}.ts`)

/** Clients, hubs and sessions in one process, on one clock. */
const signaling = coreTests(
  'authorize',
  'session*',
  'hub*',
  'client*',
  'line*',
  'ice-servers*',
  'states',
  'room-channel*',
)
/** The same with hubs that share an engine. */
const hubs = [
  ...signaling,
  ...coreTests(
    'cluster*',
    'grants',
    'knock-shares',
    'memberships',
    'moderation*',
    'nodes',
    'shared-rooms*',
    'tokens',
    'trunk*',
    'simulator/simulator',
  ),
]

/** What `pnpm mutate` goes through, and the floor of each. @type {Readonly<Record<string, Area>>} */
export const areas = {
  protocol: { floor: 85, mutate: ['packages/protocol/src/*.ts'], tests: ['packages/protocol/test/*.test.ts'] },
  session: { floor: 85, mutate: [`${core}/src/session/*.ts`], tests: signaling },
  hub: { floor: 85, mutate: [`${core}/src/hub/*.ts`], tests: hubs },
  client: {
    floor: 75,
    mutate: [`${core}/src/client/*.ts`],
    tests: [...signaling, ...coreTests('next-line', 'room-moderation', 'tokens', 'entry')],
  },
  mesh: {
    floor: 85,
    mutate: meshSources(
      'channels/*',
      'chat/chat-exchange',
      'chat/chat-log',
      'chat/room-chat',
      'detour',
      'heartbeat',
      'link-state',
      'media/link-quality',
      'media/media-failure',
      'media/send-budget',
      'negotiation',
      'peer-channel',
      'safety-check',
      'signal-port',
      'statistics/path',
      'statistics/stats-report',
    ),
    tests: coreTests(
      'app-*',
      'chat-*',
      'detour*',
      'heartbeat*',
      'hostile-peer',
      'member*',
      'negotiati*',
      'parked',
      'path*',
      'picture-sizes',
      'room-chat',
      'safety-check*',
      'seal',
      'send-budget',
      'states',
      'simulator/simulator',
    ),
  },
  conversation: { floor: 75, mutate: [`${core}/src/conversation/*.ts`], tests: coreTests('conversation*') },
  // Without files.test.ts, whose transfers take seconds for every mutant that nothing else notices.
  files: { floor: 75, mutate: [`${core}/src/files/*.ts`], tests: coreTests('file-*', 'hostile-files', 'opfs*') },
}
