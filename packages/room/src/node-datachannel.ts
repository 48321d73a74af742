import { PeerConnection } from 'node-datachannel'
import { RTCPeerConnection as BasicPeerConnection } from 'node-datachannel/polyfill'
import type { RtcStack } from './join-options.ts'

/** Refuses media as `inactive`: libdatachannel would accept it and then always answer `recvonly`. */
function refuseMedia(sdp: string): string {
  const refused = (section: string) =>
    /^m=(audio|video)/.test(section)
      ? section.replaceAll(/^a=(sendrecv|sendonly|recvonly)(?=\r$)/gm, 'a=inactive')
      : section
  return sdp
    .split(/^(?=m=)/m)
    .map(refused)
    .join('')
}

/** Takes candidates out of a description: they are sent one by one. */
function withoutCandidates(sdp: string): string {
  return sdp.replaceAll(/^a=(candidate:.*|end-of-candidates)\r\n/gm, '')
}

/** URLs of ICE servers that libdatachannel can read: it throws for `stuns:` and for IPv6 addresses. */
const USABLE = /^(stun|turns?):(?!\[)/

/** Converts an `RTCIceServer` to libdatachannel's form: URLs that contain the user name and password. Others are left out. */
function iceServerUrls({ urls, username, credential }: RTCIceServer): string[] {
  const login = username && credential ? `${encodeURIComponent(username)}:${encodeURIComponent(credential)}@` : ''
  return [urls]
    .flat()
    .filter((url) => USABLE.test(url))
    .map((url) => url.replace(':', `:${login}`))
}

/**
 * A data-only peer connection for Node, on libdatachannel: its polyfill, adapted to the browser behaviour that a mesh
 * expects. It cannot restart ICE, so the device's capabilities say `renegotiate: false`.
 */
class DevicePeerConnection extends BasicPeerConnection {
  readonly #native: PeerConnection
  #closed = false
  #hasData = false
  /** Candidates of an offer, until it is answered. */
  #held: Event[] | undefined

  constructor(configuration: RTCConfiguration) {
    const iceServers = (configuration.iceServers ?? []).flatMap(iceServerUrls)
    const { iceTransportPolicy = 'all' } = configuration
    const native = new PeerConnection('device', { iceServers, iceTransportPolicy, disableAutoNegotiation: true })
    super({ ...configuration, peerConnection: native })
    this.#native = native
    this.addEventListener('icegatheringstatechange', () => {
      if (this.iceGatheringState !== 'complete') return
      this.dispatchEvent(Object.assign(new Event('icecandidate'), { candidate: null }))
    })
  }

  override get signalingState(): RTCSignalingState {
    return this.#closed ? 'closed' : super.signalingState
  }

  // Both may be `null`, as in a browser; the polyfill's types do not allow for that.
  override get localDescription(): RTCSessionDescription {
    const description = this.#native.localDescription()
    return (description && {
      type: description.type,
      sdp: withoutCandidates(refuseMedia(description.sdp)),
    }) as RTCSessionDescription
  }

  override get remoteDescription(): RTCSessionDescription {
    return this.#native.remoteDescription() as RTCSessionDescription
  }

  override createDataChannel(
    ...how: Parameters<BasicPeerConnection['createDataChannel']>
  ): ReturnType<BasicPeerConnection['createDataChannel']> {
    const channel = super.createDataChannel(...how)
    const { send } = Object.getPrototypeOf(channel) as { readonly send: (data: unknown) => void }
    channel.send = (data: unknown) => {
      try {
        send.call(channel, data)
      } catch {
        // The native channel closes some turns before its `close` event; a browser's channel would be closed by now.
      }
    }
    // Only the first channel needs to be negotiated (W3C WebRTC §6.1, RFC 8829 §5.2.1). A second offer in vain may reach
    // libdatachannel while SCTP starts, and block the process for ever.
    if (!this.#hasData) setImmediate(() => this.#closed || this.dispatchEvent(new Event('negotiationneeded')))
    this.#hasData = true
    return channel
  }

  override setLocalDescription(): Promise<void> {
    const isAnswer = this.signalingState === 'have-remote-offer'
    if (!isAnswer) this.#held ??= []
    this.#native.setLocalDescription(isAnswer ? 'answer' : 'offer')
    return Promise.resolve()
  }

  /**
   * The other end gets the candidates of an offer only when its answer is in place here. Otherwise DTLS may be connected
   * before `setRemoteDescription` is over, and libdatachannel then blocks the process for ever.
   */
  override async setRemoteDescription(description: RTCSessionDescriptionInit): Promise<void> {
    await super.setRemoteDescription(description)
    const held = this.#held ?? []
    this.#held = undefined
    for (const event of held) this.dispatchEvent(event)
  }

  override dispatchEvent(event: Event): boolean {
    if (event.type !== 'icecandidate' || this.#held === undefined) return super.dispatchEvent(event)
    this.#held.push(event)
    return true
  }

  /**
   * Not supported by libdatachannel. A connection that is not in use yet is made anew with the current servers; so is one
   * whose path dies.
   * @throws always.
   */
  override setConfiguration(): never {
    throw new DOMException('The servers of a connection cannot be changed.', 'NotSupportedError')
  }

  override close(): void {
    this.#closed = true
    super.close()
  }
}

/** Data-only WebRTC for Node, on libdatachannel: `joinRoom({ …, rtc: nodeDataChannel })`. It takes no cameras or files. */
export const nodeDataChannel: RtcStack = {
  createPeerConnection: (configuration) => new DevicePeerConnection(configuration) as unknown as RTCPeerConnection,
  capabilities: { trickle: true, renegotiate: false, media: false, data: true, files: false, role: 'both' },
}
