import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest'
import { HealthyPair } from './healthy-pair.ts'
import { retainedBytes } from './memory.ts'
import { Rig } from './rig.ts'

const MIB = 1024 * 1024
/** The limits of a real deployment, except those per address, since all clients run on one machine. */
const limits = {
  MAX_LINES_PER_ADDRESS: '1000',
  NEW_LINES_PER_SECOND: '1000',
  MESSAGES_PER_SECOND: '50',
  TRAFFIC_PER_SECOND: '262144',
  LOG_LEVEL: 'error',
}

/**
 * Gives each test of a file a server to attack. Meanwhile a healthy pair exchanges messages and must not be affected;
 * afterwards memory must have been released, and the server must have logged no error.
 * @param environment of the server.
 * @param options `shared`: one server for all tests of the file, which run at once.
 * @returns the rig of the running test.
 */
export function serverUnderFire(environment: Record<string, string> = {}, { shared = false } = {}): () => Rig {
  let rig: Rig
  let pair: HealthyPair
  let retainedBefore: number

  const [before, after] = shared ? [beforeAll, afterAll] : [beforeEach, afterEach]
  before(async () => {
    rig = await Rig.start({ ...limits, ...environment })
    pair = await HealthyPair.start(rig.server.port)
    retainedBefore = await retainedBytes()
  })

  after(async () => {
    const felt = await pair.finish()
    const retained = (await retainedBytes()) - retainedBefore
    await rig.close()
    expect(felt).toEqual([])
    expect(retained).toBeLessThan(16 * MIB)
    expect(rig.log).toEqual([])
  })
  return () => rig
}
