import { createPeerSecret, parsePeerSecret, type PeerSecret } from '@patchbay/protocol'

const KEY = 'patchbay.secret'

/** The secret behind this tab's peer id: kept across reloads, deleted with the tab. A fresh one where nothing can be kept. */
export function tabSecret(): PeerSecret {
  try {
    const kept = parsePeerSecret(sessionStorage.getItem(KEY) ?? '')
    if (kept !== undefined) return kept
    const secret = createPeerSecret()
    sessionStorage.setItem(KEY, secret)
    return secret
  } catch {
    // No browser, or storage is disabled.
    return createPeerSecret()
  }
}
