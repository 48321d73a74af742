const quality = 'packages/core/src/mesh/media/link-quality.ts'

/** @type {readonly import('./mutants.mjs').Mutant[]} */
export const mediaMutants = [
  {
    name: 'mutes a microphone but not what is sent of it',
    file: 'packages/core/src/mesh/media/processed-media.ts',
    find: 'made.track.enabled = track.enabled',
    replace: '',
    tests: 'processed-media',
  },
  {
    name: 'gives video priority over audio',
    file: 'packages/core/src/mesh/media/send-budget.ts',
    find: "microphone: { active: true, maxBitrate: 40_000, priority: 'high' }",
    replace: "microphone: { active: true, maxBitrate: 40_000 / (1 + rung), priority: 'low' }",
    tests: 'send-budget',
  },
  {
    name: 'takes the first seconds of a path for its best',
    file: quality,
    find: 'if (base.samples <= FIRST_SAMPLES && !link.proven) return base',
    replace: '',
    tests: 'send-budget',
  },
  {
    name: 'takes an estimate that grows for one that is low',
    file: quality,
    find: 'fitting > link.rung && !growing',
    replace: 'fitting > link.rung',
    tests: 'send-budget',
  },
  {
    name: 'never gives the picture back',
    file: quality,
    find: 'comfortable < link.rung || !isMeasured ? link.high + 1 : 0',
    replace: '0',
    tests: 'send-budget',
  },
  {
    name: 'tries sizes far above the estimate',
    file: quality,
    find: 'high >= link.patience && fitting <= link.rung',
    replace: 'high >= link.patience',
    tests: 'send-budget',
  },
  {
    name: 'takes an estimate that nothing fills for a measurement',
    file: quality,
    find: '!growing && isMeasured',
    replace: '!growing',
    tests: 'send-budget',
  },
  {
    name: 'tries a size without an estimate as often after it has failed',
    file: quality,
    find: 'rung === doubted ? longer(patience) : patience',
    replace: 'patience',
    tests: 'send-budget',
  },
]
