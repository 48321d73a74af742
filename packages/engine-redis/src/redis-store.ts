import {
  asHost,
  type Beat,
  type Change,
  type EngineStore,
  type Entry,
  type NodeId,
  type NoSeat,
  type Opening,
  type Post,
  readRules,
  readSeat,
  type RoomHead,
  type RoomRules,
  RULES_MS,
  rulesOf,
  type Seat,
  type StoredSnapshot,
} from '@patchbay/core/engine'
import { type PeerId, randomToken, type RoomId, type SessionId } from '@patchbay/protocol'
import { Inbox } from './inbox.ts'
import { Keys } from './keys.ts'
import type { RedisClient } from './redis-client.ts'
import type { ScriptName } from './scripts.ts'

/** Rooms and homes that nobody has touched for this long are left-overs: a session lives on by its node's lease, not by this. */
const LIFETIME_MS = 7 * 86_400_000
/** An inbox that is not read any more goes after this. */
const INBOX_MS = 60_000
/** Posts that an inbox keeps at most: its node reads them at once, or is dead in 3 s. */
const INBOX_POSTS = 10_000

/** Everything that the nodes share, in Redis: a script for each act, a stream for each inbox. */
export class RedisStore implements EngineStore {
  readonly #client: RedisClient
  readonly #keys: Keys
  readonly #inbox: Inbox

  /**
   * @param reader a connection of its own, for reads that wait.
   * @param onError told what whoever takes posts has thrown.
   */
  constructor(client: RedisClient, reader: RedisClient, prefix: string, onError: (error: Error) => void) {
    this.#client = client
    this.#keys = new Keys(prefix)
    this.#inbox = new Inbox(reader, onError)
  }

  async beat(node: NodeId, leaseMs: number): Promise<Beat> {
    const { nodes, epoch, lately } = this.#keys
    const inbox = this.#keys.inbox(node)
    const [answer] = await Promise.all([
      this.#run('beat', [nodes, epoch, lately], [node, leaseMs, randomToken(22), RULES_MS]),
      this.#client.pexpire(inbox, INBOX_MS),
      this.#inbox.lastId === undefined ? undefined : this.#client.xtrim(inbox, 'MINID', this.#inbox.lastId),
    ])
    const [found, absent, alive, late] = answer as [string, number, string[], string[]]
    return { epoch: found, alive, lately: late, wasAbsent: absent === 1, losses: this.#client.losses }
  }

  async end(node: NodeId): Promise<void> {
    await this.#client.zrem(this.#keys.nodes, node)
    await this.#client.del(this.#keys.inbox(node))
  }

  async claim(peer: PeerId, node: NodeId, from?: NodeId): Promise<NodeId> {
    return (await this.#run('claim', [this.#keys.home(peer)], [node, from ?? '', LIFETIME_MS])) as string
  }

  async release(peer: PeerId, node: NodeId): Promise<void> {
    await this.#run('release', [this.#keys.home(peer)], [node])
  }

  async enter(room: RoomId, seat: Seat, max: number, opening: Opening): Promise<Entry> {
    const { title = '', host, afterOthers = false } = opening
    const { id, host: isHost } = seat.info
    const first = writeRules(host === undefined ? undefined : rulesOf(host))
    const seats = [write(seat), write(asHost(seat)), isHost === true ? 1 : 0]
    const args = [id, ...seats, max, host ?? '', first, title, randomToken(8), LIFETIME_MS, afterOthers ? 1 : 0]
    const [refused, epoch, offset, stored, rules, values, before, asOne, ruled, quietMs] = (await this.#run(
      'enter',
      this.#keys.room(room),
      args,
    )) as [Exclude<NoSeat, 'busy'> | '', string, number, string, string, string[], string, number, number, number]
    const snapshot = snapshotOf(epoch, offset, stored, rules, values)
    if (refused !== '') return { snapshot, quietMs, refused }
    const nodes = before === '' ? snapshot.nodes : nodesOf([before, ...values])
    const change = { epoch, offset, nodes, isRuled: ruled === 1 }
    return { snapshot, quietMs, change, seat: asOne === 1 ? asHost(seat) : seat }
  }

  async put(room: RoomId, seat: Seat, { title = '', rules }: RoomHead): Promise<Change | undefined> {
    const args = [seat.info.id, write(seat), title, writeRules(rules), randomToken(8), LIFETIME_MS, RULES_MS]
    return changeOf(await this.#run('put', this.#keys.room(room), args))
  }

  async rule(room: RoomId, before: RoomRules | undefined, after: RoomRules): Promise<Change | undefined> {
    return changeOf(await this.#run('rule', this.#keys.room(room), [writeRules(before), writeRules(after)]))
  }

  async remove(room: RoomId, peer: PeerId, session: SessionId, rulesMs: number): Promise<Change | undefined> {
    return changeOf(await this.#run('remove', this.#keys.room(room), [peer, session, rulesMs, RULES_MS]))
  }

  async read(room: RoomId): Promise<StoredSnapshot> {
    const [epoch, offset, title, rules, values] = (await this.#run('read', this.#keys.room(room), [])) as [
      string,
      number,
      string,
      string,
      string[],
    ]
    return snapshotOf(epoch, offset, title, rules, values)
  }

  async post(node: NodeId, { from, n, texts }: Post): Promise<void> {
    const fields = texts.flatMap((text) => ['t', text])
    const id = await this.#client.xadd(
      this.#keys.inbox(node),
      'NOMKSTREAM',
      'MAXLEN',
      '~',
      INBOX_POSTS,
      '*',
      'f',
      from,
      'n',
      n,
      ...fields,
    )
    if (id === null) throw new Error('That node has no inbox.')
  }

  async listen(node: NodeId, take: (post: Post) => void): Promise<void> {
    const key = this.#keys.inbox(node)
    // The first post makes the inbox; what was in it before is left out.
    const id = await this.#client.xadd(key, '*', 'f', node, 'n', 0)
    await this.#client.pexpire(key, INBOX_MS)
    await this.#inbox.open(key, id ?? '$', take)
  }

  async close(): Promise<void> {
    this.#inbox.close()
    this.#client.disconnect()
  }

  #run(name: ScriptName, keys: readonly string[], args: readonly (string | number)[]): Promise<unknown> {
    return this.#client.run(name, keys, args)
  }
}

function write(seat: Seat): string {
  const { node, session, state } = seat
  return `${node}${session}${state[0]}${JSON.stringify(seat)}`
}

/** In the one order in which they are read: rules are changed only where the stored text is the expected one. */
const writeRules = (rules: RoomRules | undefined) => (rules === undefined ? '' : JSON.stringify(readRules(rules)))

function readStoredRules(text: string): RoomRules | undefined {
  try {
    return text === '' ? undefined : readRules(JSON.parse(text))
  } catch {
    return undefined
  }
}

/** What is not a seat, because another version has written it, is left out. */
function read(value: string): Seat[] {
  try {
    const seat = readSeat(JSON.parse(value.slice(29)))
    return seat === undefined ? [] : [seat]
  } catch {
    return []
  }
}

/** @param values seats as they are stored. */
function nodesOf(values: readonly string[]): NodeId[] {
  return [...new Set(values.map((value) => value.slice(0, 6)))]
}

function snapshotOf(
  epoch: string,
  offset: number,
  title: string,
  text: string,
  values: readonly string[],
): StoredSnapshot {
  let seats: readonly Seat[] | undefined
  const rules = readStoredRules(text)
  return {
    epoch,
    offset,
    ...(title !== '' && { title }),
    ...(rules !== undefined && { rules }),
    nodes: nodesOf(values),
    get seats() {
      return (seats ??= values.flatMap(read))
    },
  }
}

function changeOf(answer: unknown): Change | undefined {
  if (answer === null) return undefined
  const [epoch, offset, nodes, ruled] = answer as [string, number, string[], number?]
  return { epoch, offset, nodes, isRuled: ruled === 1 }
}
