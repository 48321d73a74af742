import type { RoomEvent, RoomMembership, RoomSignaling, Signal } from '@patchbay/core/signaling'
import type { PeerId, PeerInfo } from '@patchbay/protocol'
import type { RigClient } from './rig.ts'

/** One client in a room, and everything it was told. */
export class Member {
  readonly client: RigClient
  readonly membership: RoomMembership
  readonly events: RoomEvent[] = []
  /** `self` of its signaling, as it was at each event. */
  readonly selves: Set<PeerId | undefined> = new Set()

  constructor(client: RigClient, room: string, name: string) {
    this.client = client
    this.membership = client.signaling.enter({ room, name })
    this.membership.onEvent((event) => {
      this.selves.add(client.signaling.self)
      this.events.push(event)
    })
  }

  get signaling(): RoomSignaling {
    return this.client.signaling
  }

  get id(): PeerId {
    const { self } = this.signaling
    if (self === undefined) throw new Error('`self` is not known')
    return self
  }

  /** Who is in the room, by what it was told so far. */
  get present(): ReadonlyMap<PeerId, PeerInfo> {
    const present = new Map<PeerId, PeerInfo>()
    for (const event of this.events) {
      if (event.type === 'peer_joined' || event.type === 'peer_updated') present.set(event.peer.id, event.peer)
      if (event.type === 'peer_removed') present.delete(event.id)
    }
    return present
  }

  /** Every time that someone joined, by what it was told. */
  joins(id: PeerId): Extract<RoomEvent, { type: 'peer_joined' }>[] {
    return this.events.filter((event) => event.type === 'peer_joined').filter(({ peer }) => peer.id === id)
  }

  /** Signals that it got from someone, in order. */
  heard(from: PeerId): Signal[] {
    return this.events.flatMap((event) => (event.type === 'signal' && event.from === from ? [event.signal] : []))
  }

  /** Bodies of those signals. */
  bodies(from: PeerId): string[] {
    return this.heard(from).map(({ body }) => body)
  }
}
