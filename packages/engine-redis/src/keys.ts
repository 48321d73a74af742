import type { NodeId } from '@patchbay/core/engine'
import type { PeerId, RoomId } from '@patchbay/protocol'

/**
 * Hash tags of the partitions, one in each 64th of a cluster's 16 384 slots (Redis Cluster specification, "Key distribution
 * model"): numbers would fall into few of them.
 */
const tags =
  'ht4 jwb if5 kec hpt 7pj akm zc3 lx9 frw mj8 oin dua fv7 mnx gd6 he6 box iw7 c9q hav bk8 azo cy9 ub3 fcu tp2 gqt ddc fg5 evb gu4 jvr yw4 cmk xe5 jr2 hqd blk ice fsg dp1 gaf eb0 wu7 dtq vg6 efp bnh yf6 c8a xt7 jc0 qkn kq1 irg fbe da3 gpd es2 wd5 des o94 ewr'.split(
    ' ',
  )

/** Names of all keys. Those of one room are in one slot, so that a script may use them together. */
export class Keys {
  readonly nodes: string
  readonly epoch: string
  /** Nodes that have a lease, or had one lately. */
  readonly lately: string
  readonly #prefix: string

  /** @param prefix first part of every key, such as `patchbay:`. */
  constructor(prefix: string) {
    this.#prefix = prefix
    this.nodes = `${prefix}{nodes}`
    this.epoch = `${prefix}{nodes}:epoch`
    this.lately = `${prefix}{nodes}:lately`
  }

  /** Seats of a room by peer, and its epoch, offset and title. */
  room(room: RoomId): [string, string] {
    const base = `${this.#prefix}{${tags[hash(room) % tags.length]}}`
    return [`${base}:m:${room}`, `${base}:c:${room}`]
  }

  home(peer: PeerId): string {
    return `${this.#prefix}home:${peer}`
  }

  inbox(node: NodeId): string {
    return `${this.#prefix}inbox:${node}`
  }
}

/** FNV-1a, 32 bits. */
function hash(text: string): number {
  let value = 0x81_1c_9d_c5
  for (let at = 0; at < text.length; at += 1) value = Math.imul(value ^ text.charCodeAt(at), 0x01_00_01_93)
  return value >>> 0
}
