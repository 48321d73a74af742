import { describe, expect, test } from 'vitest'
import { createWorld, type Rule, transportRules } from '../src/index.ts'
import { createRig, type Defect } from './support/broken-rig.ts'
import { defects } from './support/defects.ts'

async function brokenRules(defect: Defect, rules: readonly Rule[]): Promise<string[]> {
  const broken: string[] = []
  for (const rule of rules) {
    const rig = createRig(defect)
    try {
      await rule.run(createWorld(rig, { lostWithinMs: 100 }, 100))
    } catch {
      broken.push(rule.id)
    } finally {
      await rig.dispose()
    }
  }
  return broken
}

describe('the kit', () => {
  test('passes a correct transport', async () => {
    expect(await brokenRules({}, transportRules)).toEqual([])
  })

  test.each(defects)('catches a transport that $name, by $breaks', async ({ breaks, defect }) => {
    const rules = transportRules.filter(({ id }) => id === breaks)
    expect(await brokenRules(defect, rules)).toContain(breaks)
  })
})
