import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Hub } from '@patchbay/core/hub'
import { parseRoomId } from '@patchbay/protocol'
import { refuseMethod, reply } from './reply.ts'

/** Names in one answer. */
const MAX_NAMES = 20

/** Answers `GET /rooms/{room}`: who is in a room, for somebody who has not joined yet: `{ people, names, title? }`. */
export async function answerPreview(
  name: string,
  request: IncomingMessage,
  response: ServerResponse,
  hub: Pick<Hub, 'look'>,
): Promise<void> {
  if (request.method !== 'GET') return refuseMethod(response, 'GET')
  const room = parseRoomId(name)
  if (room === undefined)
    return reply(response, 400, { error: 'A room is 1 to 64 letters, digits, hyphens and underscores.' })
  const view = await hub.look(room).catch(() => 'busy' as const)
  if (view === 'busy') return reply(response, 503, { error: 'Not known at the moment; try again.' })
  const { names = [], title } = view ?? {}
  reply(response, 200, {
    people: names.length,
    names: names.slice(0, MAX_NAMES),
    ...(title !== undefined && { title }),
  })
}
