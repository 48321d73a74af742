/** What decides the fate of an incoming offer. */
export interface NegotiationState {
  /** The polite peer gives way: it rolls its own offer back when two cross. */
  readonly polite: boolean
  /** Between asking for a local offer and having sent it. */
  readonly makingOffer: boolean
  /** A remote answer is being applied; `signalingState` does not show it yet. */
  readonly settingRemoteAnswer: boolean
  readonly signalingState: RTCSignalingState
}

/**
 * Perfect negotiation (W3C WebRTC §10.7): whether to apply an incoming offer or to ignore it because ours goes first.
 * Applying one in `have-local-offer` rolls ours back.
 */
export function judgeOffer(state: NegotiationState): 'apply' | 'ignore' {
  const settled =
    state.signalingState === 'stable' || (state.signalingState === 'have-local-offer' && state.settingRemoteAnswer)
  const collision = state.makingOffer || !settled
  return collision && !state.polite ? 'ignore' : 'apply'
}

/** Of two peers the one with the smaller id is polite, so both come to the same roles without asking. */
export function isPolite(self: string, other: string): boolean {
  return self < other
}
