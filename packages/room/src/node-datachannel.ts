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

/** Converts an `RTCIceServer` to libdatachannel's form: URLs that contain the user name and password. */
function iceServerUrls({ urls, username, credential }: RTCIceServer): string[] {
  const login = username && credential ? `${encodeURIComponent(username)}:${encodeURIComponent(credential)}@` : ''
  return [urls].flat().map((url) => url.replace(':', `:${login}`))
}

/**
 * A data-only peer connection for Node, on libdatachannel: its polyfill, adapted to the browser behaviour that a mesh
 * expects. It cannot restart ICE, so the device's capabilities say `renegotiate: false`.
 */
class DevicePeerConnection extends BasicPeerConnection {
  readonly #native: PeerConnection
  #closed = false
  #hasData = false

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

  // Both may be `null`, as in a browser; the polyfill's types do not allow for that.
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
    this.#native.setLocalDescription(this.signalingState === 'have-remote-offer' ? 'answer' : 'offer')
    return Promise.resolve()
  }

  /** Not supported by libdatachannel; a connection whose path dies is replaced by one with the current servers. */
  override setConfiguration(): void {}

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
