import { describe, expect, test } from 'vitest'
import { pathOf } from '../src/mesh/statistics/path.ts'

type Entry = { readonly id: string } & Readonly<Record<string, unknown>>

describe('the path to a peer', () => {
  const pair = { id: 'p', type: 'candidate-pair', nominated: true, state: 'succeeded' }
  const ends = { localCandidateId: 'l', remoteCandidateId: 'r' }
  const pcWith = (...stats: readonly Entry[]) =>
    ({ getStats: () => Promise.resolve(new Map(stats.map((stat) => [stat.id, stat]))) }) as unknown as RTCPeerConnection
  const [local, remote] = [
    { id: 'l', type: 'local-candidate', candidateType: 'host' },
    { id: 'r', type: 'remote-candidate', candidateType: 'srflx' },
  ]

  test.each([
    ['straight when neither end is relayed', [{ ...pair, ...ends }, local, remote], 'direct'],
    ['relayed when this end is', [{ ...pair, ...ends }, { ...local, candidateType: 'relay' }, remote], 'relayed'],
    ['relayed when the other is', [{ ...pair, ...ends }, local, { ...remote, candidateType: 'relay' }], 'relayed'],
    ['straight where the ends are not told', [pair], 'direct'],
    ['not known while no pair is nominated', [{ ...pair, nominated: false }], undefined],
    ['not known before a pair has succeeded', [{ ...pair, state: 'in-progress' }], undefined],
    ['not known of anything but a pair', [{ ...pair, type: 'transport' }], undefined],
    ['not known where nothing is', [], undefined],
  ])('is %s', async (_, stats, path) => {
    expect(await pathOf(pcWith(...stats))).toBe(path)
  })

  /** Several pairs stay nominated after an ICE restart. */
  const [before, now] = [
    { ...pair, id: 'before', localCandidateId: 'relay', remoteCandidateId: 'r' },
    { ...pair, id: 'now', ...ends },
  ]
  const relay = { id: 'relay', type: 'local-candidate', candidateType: 'relay' }
  const all = [before, now, relay, local, remote]

  test('is that of the pair which the transport names, wherever that is', async () => {
    const naming = (selectedCandidatePairId?: string) => ({ id: 't', type: 'transport', selectedCandidatePairId })
    for (const order of [(stats: readonly Entry[]) => stats, (stats: readonly Entry[]) => stats.toReversed()]) {
      expect(await pathOf(pcWith(...order([...all, naming('now')])))).toBe('direct')
      expect(await pathOf(pcWith(...order([...all, naming('before')])))).toBe('relayed')
    }
    for (const unhelpful of [naming(), naming('gone')]) {
      expect(await pathOf(pcWith(unhelpful, now, local, remote))).toBe('direct')
    }
    expect(
      await pathOf(pcWith({ ...naming('before'), type: 'peer-connection' }, now, before, relay, local, remote)),
    ).toBe('direct')
  })

  test('is that of the pair which is selected, where no transport names one', async () => {
    expect(await pathOf(pcWith(...all))).toBe('relayed')
    expect(await pathOf(pcWith(before, { ...now, selected: true }, relay, local, remote))).toBe('direct')
    expect(await pathOf(pcWith({ ...before, selected: false }, now, relay, local, remote))).toBe('relayed')
  })

  test('is not known of a connection that is closed', async () => {
    const closed = { getStats: () => Promise.reject(new Error('closed')) } as unknown as RTCPeerConnection
    expect(await pathOf(closed)).toBeUndefined()
  })
})
