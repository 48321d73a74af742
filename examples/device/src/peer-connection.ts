import { PeerConnection } from 'node-datachannel'
import { RTCPeerConnection as BasicPeerConnection } from 'node-datachannel/polyfill'

/** Media is refused as `inactive`: libdatachannel itself would take it, and then answer `recvonly` for good. */
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

/** An `RTCIceServer` as libdatachannel wants it: one URL with name and password in it. */
function iceServerUrls({ urls, username, credential }: RTCIceServer): string[] {
  const login = username && credential ? `${encodeURIComponent(username)}:${encodeURIComponent(credential)}@` : ''
  return [urls].flat().map((url) => url.replace(':', `:${login}`))
}

/**
 * A data-only peer connection for Node, on libdatachannel: its polyfill brought to what a mesh expects of a browser's.
 * It cannot restart ICE, which is what `renegotiate: false` in the device's capabilities says.
 */
class DevicePeerConnection extends BasicPeerConnection {
  readonly #native: PeerConnection
  #closed = false

  constructor(configuration: RTCConfiguration) {
    const iceServers = (configuration.iceServers ?? []).flatMap(iceServerUrls)
    const native = new PeerConnection('device', { iceServers, disableAutoNegotiation: true })
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

  // Both may be `null`, as in a browser, which the polyfill's types do not know.
  override get localDescription(): RTCSessionDescription {
    const description = this.#native.localDescription()
    return (description && { type: description.type, sdp: refuseMedia(description.sdp) }) as RTCSessionDescription
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
        // Natively closed some turns before `close` is heard; a browser's channel would be closed by now.
      }
    }
    setImmediate(() => this.#closed || this.dispatchEvent(new Event('negotiationneeded')))
    return channel
  }

  override setLocalDescription(): Promise<void> {
    this.#native.setLocalDescription(this.signalingState === 'have-remote-offer' ? 'answer' : 'offer')
    return Promise.resolve()
  }

  /** libdatachannel cannot; a connection whose path dies is made anew, with what is known then. */
  override setConfiguration(): void {}

  override close(): void {
    this.#closed = true
    super.close()
  }
}

/** Makes peer connections for a `Mesh` in Node. */
export function createPeerConnection(configuration: RTCConfiguration): RTCPeerConnection {
  return new DevicePeerConnection(configuration) as unknown as RTCPeerConnection
}
