import type { ClientState } from '@patchbay/core/client'
import type { Conversation, ConversationState } from '@patchbay/core/conversation'
import type { Transfer } from '@patchbay/core/files'
import type { AppChannel, ChannelOptions, ChatEntry, ChatOutcome, FlagState, PeerView } from '@patchbay/core/mesh'
import type { Moderation, ModerationState, RosterState } from '@patchbay/core/signaling'
import type { IceServer } from '@patchbay/protocol'
import type { RoomFiles } from '@patchbay/room'
import { useCallback, useEffect, useState } from 'react'
import { useRoomConnection } from './room-provider.tsx'
import { useStore } from './use-store.ts'

const connecting: ClientState = { status: 'connecting' }
const joining: RosterState = { status: 'joining' }
const nobody: readonly PeerView[] = []
const nothing: readonly ChatEntry[] = []
const silence: ConversationState = { entries: [], typing: [] }
const noServers: readonly IceServer[] = []
const noTransfers: readonly Transfer[] = []
const open: ModerationState = { isHost: false, isLocked: false, knocking: [] }
const noFlags: FlagState = { own: false, raised: [] }

/** The state of the signaling line. */
export function useSignaling(): ClientState {
  return useStore(useRoomConnection()?.client, connecting)
}

/** The chosen signaling line, and a function to choose another. */
export interface LineChoice {
  /** Name of a line, or `auto`. */
  readonly choice: string
  /** The line the session is moving to, if any. */
  readonly movingTo: string | undefined
  /** Last measured round trip on the line in use, in milliseconds, refreshed every second. */
  readonly roundTripMs: number | undefined
  /** See `SignalingClient.switchTo`. */
  switchTo(choice: string): Promise<void>
}

/** ICE servers received from the server; empty before that. */
export function useIceServers(): readonly IceServer[] {
  return useStore(useRoomConnection()?.client.iceServers, noServers)
}

/** The choice among signaling lines; `undefined` until the room is open. */
export function useLineChoice(): LineChoice | undefined {
  const client = useRoomConnection()?.client
  const [movingTo, setMovingTo] = useState<string>()
  const [roundTripMs, setRoundTripMs] = useState<number>()
  const state = useSignaling()
  useEffect(() => {
    const look = () => setRoundTripMs(client?.roundTripMs)
    look()
    const timer = setInterval(look, 1_000)
    return () => clearInterval(timer)
  }, [client, state])
  const switchTo = useCallback(
    async (choice: string) => {
      setMovingTo(choice)
      try {
        await client?.switchTo(choice)
      } finally {
        setMovingTo((current) => (current === choice ? undefined : current))
      }
    },
    [client],
  )
  return client && { choice: client.choice, movingTo, roundTripMs, switchTo }
}

/**
 * The room as reported by the server: joining, waiting before a locked room, joined with its title and members, refused with a
 * code, or left.
 */
export function useRoom(): RosterState {
  return useStore(useRoomConnection()?.mesh.membership, joining)
}

/** Whether this person is a host, whether the room is locked, who knocks; and what a host can do, where there are hosts. */
export function useModeration(): {
  readonly state: ModerationState
  readonly moderation: Moderation | undefined
} {
  const moderation = useRoomConnection()?.moderation
  return { state: useStore(moderation, open), moderation }
}

/** Everyone else in the room, with connection state and media. */
export function usePeers(): readonly PeerView[] {
  return useStore(useRoomConnection()?.mesh, nobody)
}

/**
 * The room's log and a function to send a message. `send` returns `sent`, or why the text was not sent: see `ChatOutcome`;
 * `waiting` until the room is open.
 */
export function useChat(): { readonly entries: readonly ChatEntry[]; readonly send: (text: string) => ChatOutcome } {
  const mesh = useRoomConnection()?.mesh
  const entries = useStore(mesh?.chat, nothing)
  return { entries, send: (text) => mesh?.chat.send(text) ?? 'waiting' }
}

/** Who would like to speak: this person, and the others, first raised first. */
export type Hands = FlagState

/** Hands that are up, and a function to raise one's own or take it down. */
export function useHands(): Hands & { readonly raise: (own: boolean) => void } {
  const hands = useRoomConnection()?.mesh.hands
  const state = useStore<Hands>(hands?.state, noFlags)
  return { ...state, raise: (own) => hands?.raise(own) }
}

/** Who records the room: whether this person does, and the others, first begun first; and a function to tell that one does. */
export function useRecordings(): FlagState & { readonly announce: (own: boolean) => void } {
  const recordings = useRoomConnection()?.recordings
  const state = useStore<FlagState>(recordings?.state, noFlags)
  return { ...state, announce: (own) => recordings?.raise(own) }
}

/**
 * The room's conversation as it is now, and what writes in it; `conversation` is `undefined` until the room is open, and where
 * `JoinOptions` makes none.
 */
export function useConversation(): {
  readonly state: ConversationState
  readonly conversation: Conversation | undefined
} {
  const conversation = useRoomConnection()?.conversation
  return { state: useStore(conversation, silence), conversation }
}

/**
 * A channel for the application's own data, open while the component is mounted; `undefined` until the room is open.
 * @param options `schema` must be the same object at each render: with another one, the channel is opened anew.
 */
export function useChannel<T, R = unknown>(
  name: string,
  { delivery, schema }: ChannelOptions<T> = {},
): AppChannel<T, R> | undefined {
  const mesh = useRoomConnection()?.mesh
  const [channel, setChannel] = useState<AppChannel<T, R>>()
  useEffect(() => {
    if (mesh === undefined) return
    const opened = mesh.channel<T, R>(name, { ...(delivery && { delivery }), ...(schema && { schema }) })
    setChannel(opened)
    return () => {
      opened.close()
      setChannel(undefined)
    }
  }, [mesh, name, delivery, schema])
  return channel
}

/** File transfers, and what offers, accepts and stops them; `files` is `undefined` until the room is open. */
export function useFiles(): { readonly transfers: readonly Transfer[]; readonly files: RoomFiles | undefined } {
  const files = useRoomConnection()?.files
  return { transfers: useStore(files, noTransfers), files }
}
