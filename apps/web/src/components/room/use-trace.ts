import type { PeerView } from '@patchbay/core/mesh'
import type { PeerId } from '@patchbay/protocol'
import { usePeers, useSignaling } from '@patchbay/react'
import { useEffect, useRef } from 'react'
import { trace } from '@/lib/line-trace'

/** How many members are told apart: they may come and go as often as they like. */
const MAX_NUMBERS = 500
const numbers = new Map<string, number>()
let counted = 0

/** A member without their name: counted as they came. */
export function memberNumber(id: string): string {
  const number = numbers.get(id) ?? (counted += 1)
  numbers.set(id, number)
  const [oldest] = numbers.keys()
  if (numbers.size > MAX_NUMBERS && oldest !== undefined) numbers.delete(oldest)
  return `member ${number}`
}

/** State of the connection to a member, in words that are the same in every language. */
export function linkWords({ link, path, listed, info }: PeerView): string {
  const attempt = link.phase === 'connecting' && link.attempt > 1 ? ` (attempt ${link.attempt})` : ''
  const way = path === undefined ? '' : `, ${path}`
  return `${link.phase}${attempt}${way}${listed ? '' : ', not listed'}${info.state === 'away' ? ', away' : ''}`
}

/** Notes how session and members fare in the timeline of signals. */
export function useTrace(): void {
  const signaling = useSignaling()
  const peers = usePeers()
  const before = useRef<ReadonlyMap<PeerId, string>>(new Map())
  const session =
    signaling.status === 'reconnecting'
      ? `reconnecting: ${signaling.cause}, attempt ${signaling.attempt}`
      : signaling.status === 'closed'
        ? `closed: ${signaling.code}`
        : signaling.status
  const line = signaling.status === 'online' ? signaling.line : ''
  useEffect(() => trace(line, 'session', session), [line, session])
  useEffect(() => {
    const now = new Map(peers.map((peer) => [peer.info.id, linkWords(peer)] as const))
    for (const [id, words] of now)
      if (before.current.get(id) !== words) trace('', 'member', `${memberNumber(id)} ${words}`)
    for (const id of before.current.keys()) if (!now.has(id)) trace('', 'member', `${memberNumber(id)} gone`)
    before.current = now
  }, [peers])
}
