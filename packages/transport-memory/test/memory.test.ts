import { testTransport } from '@patchbay/transport-conformance'
import { dialMemory, MemoryAddress } from '../src/client.ts'
import { listenMemory } from '../src/server.ts'

testTransport({
  name: 'memory',
  traits: { lostWithinMs: 100 },
  async rig() {
    const address = new MemoryAddress()
    const listener = listenMemory(address)
    return {
      listener,
      dialer: dialMemory(address),
      nobody: dialMemory(new MemoryAddress()),
      breakLine: () => address.lines.at(-1)?.cut(),
      freezeClient: () => address.lines.at(-1)?.pauseNear(true),
      sendOversize: (bytes) => address.lines.at(-1)?.near.send('x'.repeat(bytes)),
      async intrude(_, text) {
        // There is no address for a line: a stranger can only open another one.
        const own = await dialMemory(address).dial(
          { frame: () => {}, close: () => {} },
          { signal: new AbortController().signal },
        )
        own.send(text)
        own.close()
      },
      openHandles: () => address.lines.length,
      dispose: () => listener.close(),
    }
  },
})
