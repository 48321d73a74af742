import { describe, test } from 'vitest'
import type { EngineUnderTest } from './rig.ts'
import { engineRules } from './rules.ts'
import { World } from './world.ts'

/** Longest time of a rule on a real clock. */
const RULE_MS = 60_000

/**
 * Runs the engine contract (docs/engine-contract.md) against one engine. An engine's test file is a rig and this call; titles
 * begin with the id of the rule. Rules mostly wait, so they run beside each other.
 */
export function testEngine({ name, rig: createRig }: EngineUnderTest): void {
  describe(`engine ${name}`, () => {
    for (const { id, title, run } of engineRules) {
      test.concurrent(
        `[${id}] ${title}`,
        async () => {
          const rig = await createRig()
          try {
            await run(new World(rig))
          } finally {
            await rig.dispose()
          }
        },
        RULE_MS,
      )
    }
  })
}
