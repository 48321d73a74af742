import { SignalingClient, type SignalingClientOptions } from '@patchbay/core/client'
import { FileShare, type FileStore } from '@patchbay/core/files'
import { type CreatePeerConnection, limitMedia, LocalDevices, Mesh } from '@patchbay/core/mesh'
import { type RoomKey, RoomSeal, SignalSeal } from '@patchbay/core/seal'
import { cleanEntry, type RoomEntry } from '@patchbay/core/signaling'
import { browserFileStore } from './browser-file-store.ts'

/** Options for joining a room. */
export interface RoomOptions extends SignalingClientOptions {
  readonly entry: RoomEntry
  /** Seals signals and names; signals from members without the key are rejected. */
  readonly roomKey?: RoomKey | undefined
  /** Everything goes through a TURN server; see `MeshOptions`. */
  readonly relayOnly?: boolean
  /** By default the browser's `RTCPeerConnection`. */
  readonly createPeerConnection?: CreatePeerConnection
  /** By default `navigator.mediaDevices`. */
  readonly mediaDevices?: MediaDevices | undefined
  /** Where received files go; by default the browser's origin-private file system, or memory. */
  readonly fileStore?: FileStore
}

/** The open resources of a page in a room. */
export interface RoomConnection {
  readonly client: SignalingClient
  readonly mesh: Mesh
  readonly devices: LocalDevices
  readonly files: FileShare
  /** Leaves the room and releases everything. */
  close(): void
}

/** Joins a room from a page. Browser only. */
export function openRoom(options: RoomOptions): RoomConnection {
  const { roomKey, relayOnly } = options
  const entry = cleanEntry(options.entry)
  const client = new SignalingClient(options)
  const self = { id: () => client.self, instance: client.instance, name: entry.name }
  const seal = roomKey && new SignalSeal(new RoomSeal(roomKey, entry.room), self)
  const createPeerConnection = options.createPeerConnection ?? ((configuration) => new RTCPeerConnection(configuration))
  const files = new FileShare({ self: () => client.self, store: options.fileStore ?? browserFileStore() })
  const mesh = new Mesh({
    signaling: client,
    entry,
    seal,
    relayOnly,
    createPeerConnection,
    features: [files],
    limitMedia,
  })
  const devices = new LocalDevices(options.mediaDevices ?? navigator.mediaDevices, mesh.media)
  const retry = () => {
    client.retryNow()
    mesh.networkChanged()
  }
  const retryWhenShown = () => document.visibilityState === 'visible' && client.retryNow()
  const stopWatching = client.subscribe(() => client.getSnapshot().status === 'closed' && close())
  const close = () => {
    stopWatching()
    window.removeEventListener('online', retry)
    document.removeEventListener('visibilitychange', retryWhenShown)
    window.removeEventListener('pagehide', close)
    devices.dispose()
    mesh.close()
    client.close()
  }
  window.addEventListener('online', retry)
  document.addEventListener('visibilitychange', retryWhenShown)
  // The last event in which a closing page can still send `bye`.
  window.addEventListener('pagehide', close)
  return { client, mesh, devices, files, close }
}
