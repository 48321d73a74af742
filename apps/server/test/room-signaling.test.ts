import { testRoomSignaling } from '@patchbay/signaling-conformance'
import { lineNames, Rig } from './support/rig.ts'

for (const line of lineNames) {
  testRoomSignaling({
    name: `of this server, over ${line}`,
    // Silence shows `away` after 5.5 s and removes after 8 s (R8).
    lostWithinMs: 9_000,
    rig: async () => {
      const rig = await Rig.start()
      return {
        async connect() {
          const network = await rig.proxy()
          const client = rig.connect(network.port, { lines: [line] })
          return {
            signaling: client,
            async cut() {
              network.refuse(true)
              network.reset()
              while (client.getSnapshot().status === 'online')
                await new Promise<void>((resolve) => {
                  const stop = client.subscribe(() => (stop(), resolve()))
                })
              network.refuse(false)
            },
            crash() {
              network.refuse(true)
              network.reset()
            },
            close: () => client.close(),
          }
        },
        dispose: () => rig.close(),
      }
    },
  })
}
