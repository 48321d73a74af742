import { expect } from '@playwright/test'
import type { Invite } from './fixtures.ts'
import { allConnected } from './person.ts'

/** Runs in a page before its own scripts: allows only relayed packets, like some networks. */
function relayOnly(): void {
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

/** Connects Ada and Bob through a TURN server, because nothing else gets through; Bob watches Ada's camera. */
export async function relayedCall(invite: Invite) {
  const [ada, bob] = [await invite('Ada'), await invite('Bob')]
  for (const person of [ada, bob]) {
    await person.page.addInitScript(relayOnly)
    await person.enter()
  }
  await allConnected(ada, bob)
  await expect(ada.peer('Bob')).toContainText('connected via relay')
  await ada.turnOnCamera()
  await bob.watches(ada)
  return { ada, bob }
}
