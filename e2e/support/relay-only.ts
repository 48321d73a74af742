/** Runs in a page before its own scripts: lets nothing but relayed packets through, as some networks do. */
export function relayOnly(): void {
  const { RTCPeerConnection: Platform } = window
  window.RTCPeerConnection = class extends Platform {
    constructor(configuration?: RTCConfiguration) {
      super({ ...configuration, iceTransportPolicy: 'relay' })
    }

    override setConfiguration(configuration?: RTCConfiguration): void {
      super.setConfiguration({ ...configuration, iceTransportPolicy: 'relay' })
    }
  }
}
