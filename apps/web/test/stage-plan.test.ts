import { describe, expect, test } from 'vitest'
import { nextSpeaker, planStage, type StageChoice } from '../src/lib/stage-plan'

const grid: StageChoice = { layout: 'grid', hidesSelf: false, pinned: undefined }
const speaker: StageChoice = { ...grid, layout: 'speaker' }
const self = { key: 'self', self: true }
const [ada, bob] = [{ key: 'ada' }, { key: 'bob' }]
const screen = { key: 'screen of ada', screen: true }
const ownScreen = { key: 'own screen', screen: true, self: true }

describe('the plan of the stage', () => {
  test('is a grid of everyone by default', () => {
    expect(planStage([self, ada, bob], grid, 'ada')).toEqual({ featured: ['self', 'ada', 'bob'], strip: [] })
  })

  test('gives the stage to whoever speaks, or spoke last, if so chosen', () => {
    expect(planStage([self, ada, bob], speaker, 'bob')).toEqual({ featured: ['bob'], strip: ['self', 'ada'] })
    expect(planStage([self, ada, bob], speaker, undefined).featured).toEqual(['ada'])
    expect(planStage([self], speaker, undefined)).toEqual({ featured: ['self'], strip: [] })
    expect(planStage([self, ada], speaker, 'someone who left').featured).toEqual(['ada'])
  })

  test('gives the stage to the screens of the others, and not to one’s own', () => {
    const second = { ...screen, key: 'screen of bob' }
    expect(planStage([screen, self, ada], grid, undefined)).toEqual({
      featured: ['screen of ada'],
      strip: ['self', 'ada'],
    })
    expect(planStage([screen, second, self, ada], speaker, 'ada').featured).toEqual(['screen of ada', 'screen of bob'])
    expect(planStage([ownScreen, self, ada], grid, undefined).strip).toEqual([])
  })

  test('keeps the pinned tile large, whoever speaks or shares, until it is gone', () => {
    const pinned = { ...speaker, pinned: 'ada' }
    expect(planStage([screen, self, ada, bob], pinned, 'bob')).toEqual({
      featured: ['ada'],
      strip: ['screen of ada', 'self', 'bob'],
    })
    expect(planStage([self, bob], pinned, 'bob').featured).toEqual(['bob'])
  })

  test('hides one’s own picture, unless nothing else would be left', () => {
    const hidden = { ...grid, hidesSelf: true }
    expect(planStage([ownScreen, self, ada], hidden, undefined).featured).toEqual(['own screen', 'ada'])
    expect(planStage([self], hidden, undefined).featured).toEqual(['self'])
  })
})

test('who speaks stays while speaking, and after that until somebody else does', () => {
  expect(nextSpeaker(undefined, new Set())).toBeUndefined()
  expect(nextSpeaker(undefined, new Set(['ada']))).toBe('ada')
  expect(nextSpeaker('ada', new Set(['bob', 'ada']))).toBe('ada')
  expect(nextSpeaker('ada', new Set(['bob']))).toBe('bob')
  expect(nextSpeaker('ada', new Set())).toBe('ada')
})
