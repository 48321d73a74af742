import { describe, test } from 'vitest'
import type { TransportUnderTest } from './rig.ts'
import { transportRules } from './rules.ts'
import { createWorld } from './world.ts'

/** How long a rule waits for an expected event. */
const WAIT_MS = 8_000

/**
 * Runs the transport contract (docs/transport-contract.md) against one transport. A transport's test file is a rig and
 * this call; titles begin with the id of the rule.
 */
export function testTransport({ name, rig: createRig, traits }: TransportUnderTest): void {
  describe(`transport ${name}`, () => {
    for (const { id, title, run } of transportRules) {
      test(`[${id}] ${title}`, async () => {
        const rig = await createRig()
        try {
          await run(createWorld(rig, traits, WAIT_MS))
        } finally {
          await rig.dispose()
        }
      })
    }
  })
}
