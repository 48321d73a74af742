import type { Engine, EngineHandlers, NodeId, RoomDelta, RoomSnapshot, Seat } from '@patchbay/core/engine'
import {
  fullCapabilities,
  type PeerId,
  type PeerInfo,
  randomToken,
  type RoomId,
  type SessionId,
} from '@patchbay/protocol'
import type { EngineRig, RigNode } from './rig.ts'

/** A node that notes all that its engine tells it. */
export class Recording {
  readonly node: RigNode
  readonly frames: string[] = []
  readonly deltas: RoomDelta[] = []
  readonly health: ('up' | 'down')[] = []
  /** The nodes that were alive, each time it was told. */
  readonly views: NodeId[][] = []
  resets = 0
  gaps = 0

  constructor(node: RigNode) {
    this.node = node
  }

  get engine(): Engine {
    return this.node.engine
  }

  get id(): NodeId {
    return this.node.engine.node
  }

  get handlers(): EngineHandlers {
    return {
      frame: (_, frame) => this.frames.push(frame),
      room: (_, delta) => this.deltas.push(delta),
      nodes: (alive) => this.views.push([...alive].toSorted()),
      health: (state) => this.health.push(state),
      reset: () => (this.resets += 1),
      gap: () => (this.gaps += 1),
    }
  }

  /** The seats of a room by name. @throws when the engine is busy. */
  async names(room: RoomId): Promise<string[]> {
    return (await this.read(room)).seats.map(({ info }) => info.name).toSorted()
  }

  async read(room: RoomId): Promise<RoomSnapshot> {
    const snapshot = await this.engine.read(room)
    if (snapshot === 'busy') throw new Error('The engine is busy.')
    return snapshot
  }
}

/** The environment in which a rule is tested. */
export class World {
  readonly rig: EngineRig
  readonly room = randomToken(12) as RoomId

  constructor(rig: EngineRig) {
    this.rig = rig
  }

  /** Starts nodes, which know each other when this is fulfilled. */
  async start(count: number): Promise<Recording[]> {
    const nodes: Recording[] = []
    for (let i = 0; i < count; i += 1) {
      const node = new Recording(await this.rig.node())
      await this.startOne(node)
      nodes.push(node)
    }
    await this.until(() => nodes.every(({ views }) => views.at(-1)?.length === count), 3_000)
    return nodes
  }

  async startOne(node: Recording): Promise<void> {
    let isStarted = false
    void node.engine.start(node.handlers).then(() => (isStarted = true))
    await this.until(() => isStarted, 5_000)
  }

  /** Waits, a little at a time. @throws when `isSo` is not after `ms`. */
  async until(isSo: () => boolean | Promise<boolean>, ms: number): Promise<void> {
    for (let waited = 0; ; waited += 50) {
      if (await isSo()) return
      if (waited >= ms) throw new Error(`It is not so after ${ms} ms: ${isSo.toString()}`)
      await this.rig.wait(50)
    }
  }

  /** Does something that needs time to go by. */
  async during<T>(act: Promise<T>, ms = 5_000): Promise<T> {
    let isDone = false
    const done = () => (isDone = true)
    act.then(done, done)
    await this.until(() => isDone, ms)
    return act
  }

  seat(node: Recording, name: string): Seat {
    const info: PeerInfo = {
      id: name.padEnd(22, '_') as PeerId,
      instance: randomToken(22) as PeerInfo['instance'],
      name,
      line: 'test',
      state: 'here',
      capabilities: fullCapabilities,
    }
    return { node: node.id, session: `${node.id}${randomToken(16)}` as SessionId, info, state: 'in' }
  }

  /** Takes a seat. @throws when it is refused. */
  async enter(node: Recording, name: string, max = 16): Promise<Seat> {
    const seat = this.seat(node, name)
    const outcome = await this.during(node.engine.enter(this.room, seat, max))
    if (typeof outcome === 'string') throw new Error(`${name} is refused: ${outcome}`)
    return seat
  }
}
