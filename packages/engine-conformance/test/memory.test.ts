import { memoryRig, testEngine } from '../src/index.ts'

testEngine({ name: 'memory', rig: () => memoryRig() })
