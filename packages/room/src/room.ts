import { type ClientState, requireDialers, SignalingClient } from '@patchbay/core/client'
import type { Conversation } from '@patchbay/core/conversation'
import {
  type AppChannel,
  type ChannelOptions,
  type ChatEntry,
  type ChatOutcome,
  checkFeatures,
  Flag,
  limitMedia,
  LocalDevices,
  Mesh,
  OWN_FEATURES,
  PictureSizes,
  type PeerView,
  ProcessedMedia,
  type SentSizes,
  type SourceState,
} from '@patchbay/core/mesh'
import { canSeal, parseRoomKey, type RoomKey, RoomSeal, SignalSeal } from '@patchbay/core/seal'
import { cleanEntry, InvalidFieldError, type Moderation, type RosterState } from '@patchbay/core/signaling'
import { callSafely, createStore, type Store } from '@patchbay/core/store'
import { areCapabilities, createInstanceId, fullCapabilities, type PeerId } from '@patchbay/protocol'
import type { JoinOptions, RtcStack } from './join-options.ts'
import { watchPage } from './page-events.ts'
import { RoomFiles } from './room-files.ts'
import { serverLines } from './server-lines.ts'
import { hold, tabSecret } from './tab-secret.ts'

/** Who has said something. */
export interface MessageFrom {
  readonly id: PeerId
  readonly name: string
}

/** A camera, microphone or screen of this client. */
export interface MediaSource {
  /**
   * Turns it on, or switches to another device; the browser may ask for permission. Never rejects.
   * @returns how it is then: `on`, or `failed` with the reason. In a room that was left nothing is turned on: `off`.
   */
  turnOn(deviceId?: string): Promise<SourceState>
  /** Turns it off and releases the device. */
  turnOff(): Promise<void>
}

/**
 * Joins a room: dials the server, enters, and connects to everyone there. Goes on by itself after outages, until `leave`.
 * @throws {InvalidFieldError} that names the option that cannot be used; nothing was dialed then, unless it is `processMedia`. Or
 * what `conversation`, `processMedia` or `devices` throws; nobody is left in the room then, and nothing goes on.
 */
export function joinRoom(options: JoinOptions): Room {
  return new Room(options)
}

/** A room that this client is in. Stores have `subscribe` and `getSnapshot`; functions need no `this`. */
export class Room {
  /** The session with the server: state of the line, choice among lines. */
  readonly client: SignalingClient
  /** The connections to the others. */
  readonly mesh: Mesh
  /** Camera, microphone and screen, with their settings; `undefined` where the platform has no media. */
  readonly devices: LocalDevices | undefined
  /** Who is recording the room. */
  readonly recordings: Flag
  /** What camera and microphone send to the others, and what processes it before. */
  readonly outgoing: ProcessedMedia
  /** Files between this client and the others. */
  readonly files: RoomFiles
  /** The chat with replies, edits, reactions, receipts and history; `undefined` where the options have none. */
  readonly conversation: Conversation | undefined
  /** How large the pictures of each member are shown here: they are sent no larger, and not at all where nobody sees them. */
  readonly pictures: PictureSizes = new PictureSizes()
  readonly camera: MediaSource
  readonly microphone: MediaSource
  readonly screen: MediaSource
  readonly #sentSizes = createStore<SentSizes>(new Map())
  readonly #stops: readonly (() => void)[]
  #isLeft = false

  constructor(options: JoinOptions) {
    const { key, relayOnly, features = [] } = options
    const entry = cleanEntry(options)
    if (key !== undefined) requireKey(key)
    const { createPeerConnection, capabilities } = requireRtc(options.rtc ?? platformRtc())
    const dialers = options.lines ?? serverLines(options.server ?? ownOrigin())
    requireDialers('lines', dialers)
    const instance = options.instance ?? createInstanceId()
    const { line, lineMemory, clock, token, secret = tabSecret() } = options
    const time = clock && { clock }
    this.recordings = new Flag('recording', clock)
    this.files = new RoomFiles({
      self: () => client.self,
      store: options.fileStore,
      peers: () => this.peers,
      membership: () => this.membership,
      ...time,
    })
    const conversation = options.conversation?.()
    this.conversation = conversation
    const own = [this.files, this.pictures, this.recordings, ...(conversation === undefined ? [] : [conversation])]
    const taken = [...OWN_FEATURES, ...own.map(({ name }) => name)]
    const all = [...own, ...checkFeatures(features, taken)]
    const client = new SignalingClient({
      dialers,
      secret,
      instance,
      capabilities,
      ...time,
      ...(token !== undefined && { token }),
      ...(line !== undefined && { line }),
      ...(lineMemory !== undefined && { lineMemory }),
    })
    const self = { id: () => client.self, instance, name: entry.name }
    const seal = key && new SignalSeal(new RoomSeal(key, entry.room), self)
    this.client = client
    let stopProcessing: (() => void) | undefined
    try {
      this.mesh = new Mesh({
        signaling: client,
        entry,
        seal,
        relayOnly,
        createPeerConnection,
        features: all,
        limitMedia: limitMedia(this.pictures, this.#sentSizes),
        ...time,
      })
      conversation?.start({ mesh: this.mesh, self: self.id, name: entry.name })
      this.outgoing = new ProcessedMedia(this.mesh.media)
      const undo = options.processMedia?.(this.outgoing)
      // In JavaScript it may be an async function.
      if (undo !== undefined && typeof undo !== 'function')
        throw new InvalidFieldError('processMedia', 'a function that returns a function')
      stopProcessing = undo
      this.devices = typeof MediaStream === 'undefined' ? undefined : (options.devices ?? platformDevices)()
      void this.devices?.connect(this.outgoing)
      this.camera = this.#source('camera', (id) => this.devices?.turnOn('camera', id))
      this.microphone = this.#source('microphone', (id) => this.devices?.turnOn('microphone', id))
      this.screen = this.#source('screen', () => this.devices?.shareScreen())
      this.#stops = [
        hold(secret),
        client.subscribe(() => client.getSnapshot().status === 'closed' && this.leave()),
        this.membership.subscribe(() => this.#turnOffOutside()),
        this.mesh.subscribe(() => this.#turnOffOutside()),
        watchPage({
          online: () => {
            client.retryNow()
            this.mesh.networkChanged()
          },
          shown: () => client.retryNow(),
          leaving: this.leave,
        }),
        ...(stopProcessing === undefined ? [] : [stopProcessing]),
        () => this.devices?.dispose(this.outgoing),
        () => this.outgoing.dispose(),
        () => conversation?.close(),
        () => this.mesh.close(),
        () => client.close(),
      ]
    } catch (error) {
      // Nobody could leave: the client would dial, and stay a member, for ever.
      client.close()
      callSafely(() => stopProcessing?.())
      throw error
    }
  }

  /**
   * Whether this client is in the room: joining, waiting before a locked room, joined with its title and members, refused with
   * a code, or left.
   */
  get membership(): Store<RosterState> {
    return this.mesh.membership
  }

  /** Everyone else, with the state of the connection, and their pictures and sound. */
  get peers(): Store<readonly PeerView[]> {
    return this.mesh
  }

  /** What a host can do, and whether this client is one; `undefined` where signaling has no hosts. */
  get moderation(): Moderation | undefined {
    return this.mesh.membership.moderation
  }

  /** How large the own camera is sent to each member, and why no larger; empty while it is off. */
  get sentSizes(): Store<SentSizes> {
    return this.#sentSizes
  }

  /** The line to the server: connecting, online, reconnecting with the reason, or closed. */
  get line(): Store<ClientState> {
    return this.client
  }

  /** What was said, and who came and went. */
  get chat(): Store<readonly ChatEntry[]> {
    return this.mesh.chat
  }

  /**
   * Says something to everyone in the room, also to those who are still being connected. What is sent before `membership` is
   * `joined` waits, and reaches nobody if that is `refused`. What is sent just before `leave` may not arrive:
   * `mesh.chat.onReceived` tells who has it.
   * @returns `sent`, or why not.
   */
  readonly send = (text: string): ChatOutcome => this.mesh.chat.send(text)

  /** Calls `listener` with each message of the others, from now on. @returns a function that unsubscribes. */
  readonly onMessage = (listener: (text: string, from: MessageFrom) => void): (() => void) => {
    let known = new Set(this.chat.getSnapshot())
    return this.chat.subscribe(() => {
      const entries = this.chat.getSnapshot()
      const fresh = entries.filter((entry) => !known.has(entry))
      known = new Set(entries)
      for (const entry of fresh) {
        if (entry.kind === 'message' && entry.from !== undefined)
          listener(entry.text, { id: entry.from, name: entry.name })
      }
    })
  }

  /**
   * Opens a channel for your own data, to all or to one: `T` is what goes over it, `R` what requests are answered with.
   * What is sent reaches those who are connected then. Members whose page does not know the channel pass it over.
   * @throws {InvalidFieldError} for a name outside 1 to 64 of `[A-Za-z0-9_.:-]`.
   */
  readonly channel = <T, R = unknown>(name: string, options?: ChannelOptions<T>): AppChannel<T, R> =>
    this.mesh.channel<T, R>(name, options)

  /** Shows both ends of a connection the same code, for comparing it by voice: `safetyCode` of the peer. */
  readonly compareSafetyCode = (peer: PeerId): void => this.mesh.safety.begin(peer)

  /** Leaves the room, and releases everything. What was sent a moment before may not arrive. */
  readonly leave = (): void => {
    if (this.#isLeft) return
    this.#isLeft = true
    // What the application has handed in may throw; the rest is released all the same.
    for (const stop of this.#stops) callSafely(stop)
  }

  /** Turns off what nobody is to see or hear. A call goes on whose token does not cover the room any more, until all have left. */
  #turnOffOutside(): void {
    const roster = this.membership.getSnapshot()
    if (roster.status !== 'refused' || (roster.code === 'forbidden' && this.mesh.getSnapshot().length > 0)) return
    for (const source of ['camera', 'microphone', 'screen'] as const) {
      // Turning one off is a change of the mesh too.
      if (this.devices?.getSnapshot()[source].status !== 'off') void this.devices?.turnOff(source, this.outgoing)
    }
  }

  #source(
    source: 'camera' | 'microphone' | 'screen',
    turnOn: (deviceId: string | undefined) => Promise<void> | undefined,
  ): MediaSource {
    return {
      turnOn: async (deviceId) => {
        // The devices may be those of the next room.
        if (this.#isLeft) return { status: 'off' }
        await turnOn(deviceId)
        return this.devices?.getSnapshot()[source] ?? { status: 'failed', reason: 'failed' }
      },
      turnOff: async () => this.devices?.turnOff(source, this.outgoing),
    }
  }
}

function requireKey(key: RoomKey): void {
  if (parseRoomKey(key) === undefined || !canSeal())
    throw new InvalidFieldError('key', 'a room key, on https: or localhost')
}

function requireRtc(rtc: RtcStack): RtcStack {
  if (typeof rtc.createPeerConnection === 'function' && areCapabilities(rtc.capabilities)) return rtc
  throw new InvalidFieldError('rtc', '`createPeerConnection` with its `capabilities`')
}

function platformRtc(): RtcStack {
  if (typeof RTCPeerConnection === 'undefined')
    throw new InvalidFieldError('rtc', 'given where there is no RTCPeerConnection, such as in Node')
  return {
    createPeerConnection: (configuration) => new RTCPeerConnection(configuration),
    capabilities: fullCapabilities,
  }
}

const platformDevices = () => new LocalDevices(navigator.mediaDevices)

function ownOrigin(): string {
  return typeof location === 'undefined' ? '' : location.origin
}
