import type { PeerId } from '@patchbay/protocol'
import { setNewest } from '../../set-newest.ts'
import { createStore, type Store } from '../../store.ts'
import type { Feature, LinkFeature, LinkPort, MessageOf } from '../feature.ts'
import { anySize, MAX_HEIGHT, type ShownSizes } from './send-budget.ts'

/** Heights that are told: the next one that is not smaller. Nobody learns the exact size of a window. */
const steps = [0, 180, 240, 360, 480, 720, 1_080, 2_160] as const

/** Members of whom it is known how large they are shown: more than meet in a room. */
const MAX_PEERS = 1_000

/**
 * Tells each member how large its pictures are shown here, and knows how large one's own are shown at each: a picture is sent no
 * larger than that, and not at all where nobody sees it.
 */
export class PictureSizes implements Feature<MessageOf<'view'>> {
  readonly name = 'view'
  readonly handles = ['view'] as const
  readonly #prefersSound = createStore(false)
  /** Whether no cameras are asked for, so that sound has all that the connection carries. */
  readonly prefersSound: Store<boolean> = this.#prefersSound
  /** Then it has to be taken back, too. */
  #hasPreferred = false
  readonly #links = new Map<PeerId, LinkPort>()
  /** Outlives a member that is given up, or whose page is loaded again: it is shown as before. */
  readonly #shown = new Map<PeerId, ShownSizes>()
  readonly #wanted = new WeakMap<RTCPeerConnection, ShownSizes>()

  /** Tells a member how large its pictures are shown from now on. Until the first time, it sends what the mesh allows. */
  show(peer: PeerId, change: Partial<ShownSizes>): void {
    const before = this.#shown.get(peer) ?? anySize
    const { camera, screen } = { ...before, ...change }
    const next = { camera: stepFor(camera), screen: stepFor(screen) }
    if (before.camera === next.camera && before.screen === next.screen) return
    setNewest(this.#shown, peer, next, MAX_PEERS)
    this.#tell(peer)
  }

  /** Asks everyone for sound and screens only, or for cameras again. */
  preferSound(isPreferred: boolean): void {
    this.#hasPreferred = true
    this.#prefersSound.set(isPreferred)
    for (const peer of this.#links.keys()) this.#tell(peer)
  }

  /** How large one's own pictures are shown at the other end of a connection. */
  wantedBy(connection: RTCPeerConnection): ShownSizes {
    return this.#wanted.get(connection) ?? anySize
  }

  attach(port: LinkPort): LinkFeature<MessageOf<'view'>> {
    const { id } = port.peer
    this.#links.set(id, port)
    return {
      introduced: () => this.#tell(id),
      receive: ({ camera, screen }) => this.#wanted.set(port.connection, { camera, screen }),
      closed: () => this.#links.get(id) === port && this.#links.delete(id),
    }
  }

  #tell(peer: PeerId): void {
    const port = this.#links.get(peer)
    const prefersSound = this.#prefersSound.getSnapshot()
    const sizes = this.#shown.get(peer) ?? (this.#hasPreferred ? anySize : undefined)
    if (port?.has(this.name) !== true || sizes === undefined) return
    port.send({ type: 'view', ...sizes, ...(prefersSound && { camera: 0 }) })
  }
}

const stepFor = (pixels: number) => steps.find((step) => step >= pixels) ?? MAX_HEIGHT
