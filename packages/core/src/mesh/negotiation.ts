/** State that decides whether an incoming offer is applied. */
export interface NegotiationState {
  /** The polite peer rolls its own offer back when two offers cross. */
  readonly polite: boolean
  /** A local offer is being created and has not been sent. */
  readonly makingOffer: boolean
  /** A remote answer is being applied; `signalingState` does not show it yet. */
  readonly settingRemoteAnswer: boolean
  readonly signalingState: RTCSignalingState
}

/**
 * Perfect negotiation (W3C WebRTC §10.7): whether to apply an incoming offer, or to ignore it because ours wins.
 * Applying one in `have-local-offer` rolls ours back.
 */
export function judgeOffer(state: NegotiationState): 'apply' | 'ignore' {
  const settled =
    state.signalingState === 'stable' || (state.signalingState === 'have-local-offer' && state.settingRemoteAnswer)
  const collision = state.makingOffer || !settled
  return collision && !state.polite ? 'ignore' : 'apply'
}

/** The peer with the smaller id is polite, so both ends agree on the roles without a message. */
export function isPolite(self: string, other: string): boolean {
  return self < other
}
