import { describe, expect, test } from 'vitest'
import { createWorld, type Rule, transportRules } from '../src/index.ts'
import { createRig, type Defect } from './support/broken-rig.ts'
import { defects } from './support/defects.ts'

/** The first of these rules that a transport breaks. */
async function firstBroken(defect: Defect, rules: readonly Rule[]): Promise<string | undefined> {
  for (const rule of rules) {
    const rig = createRig(defect)
    try {
      await rule.run(createWorld(rig, { lostWithinMs: 100 }, 100))
    } catch {
      return rule.id
    } finally {
      await rig.dispose()
    }
  }
  return undefined
}

describe('the kit', () => {
  test('passes a correct transport', async () => {
    expect(await firstBroken({}, transportRules)).toBeUndefined()
  })

  test.each(defects)('catches a transport that $name, by $breaks', async ({ breaks, defect }) => {
    const rules = transportRules.filter(({ id }) => id === breaks)
    expect(await firstBroken(defect, rules)).toBe(breaks)
  })
})
