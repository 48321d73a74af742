import {
  cleanName,
  type HostKey,
  parseHostKey,
  parseInstanceId,
  parsePeerSecret,
  parseRoomId,
  type RoomId,
} from '@patchbay/protocol'

/** How this client enters a room. */
export interface RoomEntry {
  /** 1–64 characters of `[A-Za-z0-9_-]`: see `parseRoomId` of the protocol. */
  readonly room: string
  /** Display name; it is cleaned as by `cleanName` of the protocol. */
  readonly name: string
  /** What people call the room, cleaned likewise; the first one in decides. */
  readonly title?: string | undefined
  /** Makes whoever opens the room its host, and whoever shows it later: see `createHostKey` of the protocol. */
  readonly hostKey?: HostKey | undefined
}

/** A {@link RoomEntry} as it goes over the wire. */
export interface CleanEntry {
  readonly room: RoomId
  readonly name: string
  readonly title: string | undefined
  readonly hostKey?: HostKey
}

/** A value that was handed in cannot be used. Nothing was sent, and nothing else has changed. */
export class InvalidFieldError extends RangeError {
  override readonly name: string = 'InvalidFieldError'
  readonly field: string

  constructor(field: string, allowed: string) {
    super(`\`${field}\` must be ${allowed}.`)
    this.field = field
  }
}

/**
 * Checks the room, and cleans name and title.
 * @throws {InvalidFieldError} when the room is outside the grammar, nothing visible is left of the name, the title is not text, or
 * the key is of no host.
 */
export function cleanEntry({ room, name, title, hostKey }: RoomEntry): CleanEntry {
  const id = parseRoomId(room)
  if (id === undefined) throw new InvalidFieldError('room', '1 to 64 letters, digits, hyphens and underscores')
  const shown = typeof name === 'string' ? cleanName(name) : ''
  if (shown === '') throw new InvalidFieldError('name', 'a text with at least one visible character')
  if (title !== undefined && typeof title !== 'string') throw new InvalidFieldError('title', 'a text')
  const called = title === undefined ? '' : cleanName(title)
  if (hostKey !== undefined && parseHostKey(hostKey) === undefined)
    throw new InvalidFieldError('hostKey', '43 characters of base64url, as from `createHostKey`')
  return { room: id, name: shown, title: called === '' ? undefined : called, ...(hostKey !== undefined && { hostKey }) }
}

/** @throws {InvalidFieldError} when one of them is not of its form. */
export function requireIdentity({ secret, instance }: { readonly secret: string; readonly instance: string }): void {
  if (parsePeerSecret(secret) === undefined)
    throw new InvalidFieldError('secret', '43 characters of base64url, as from `createPeerSecret`')
  if (parseInstanceId(instance) === undefined)
    throw new InvalidFieldError('instance', '22 characters of base64url, as from `createInstanceId`')
}
