import { createPeerSecret, parsePeerSecret, type PeerSecret } from '@patchbay/protocol'

const KEY = 'patchbay.secret'

/** Secrets of the rooms that are open in this page. */
const inUse = new Set<PeerSecret>()

/**
 * The secret behind this tab's peer id: kept across reloads, deleted with the tab. A fresh one where nothing can be kept, and
 * for a second room in the same page: with one secret they would be one member, and the first would be superseded.
 */
export function tabSecret(): PeerSecret {
  try {
    const kept = parsePeerSecret(sessionStorage.getItem(KEY) ?? '')
    if (kept !== undefined) return inUse.has(kept) ? createPeerSecret() : kept
    const secret = createPeerSecret()
    sessionStorage.setItem(KEY, secret)
    return secret
  } catch {
    // No browser, or storage is disabled.
    return createPeerSecret()
  }
}

/** A room is open with this secret. @returns a function to be called when it is left. */
export function hold(secret: PeerSecret): () => void {
  inUse.add(secret)
  return () => void inUse.delete(secret)
}
