import { type Person, allConnected } from '../support/person.ts'
import { expect, test } from './fixtures.ts'
import type { NatKind } from './lab.ts'

/** Kinds of the candidates in use at both ends, as seen by one page, such as `srflx prflx` (RFC 8445 §5.1.1). */
async function kindsInUse({ page }: Person): Promise<string> {
  return page.evaluate(async () => {
    const [pc] = (window as unknown as { made: RTCPeerConnection[] }).made
    const report = new Map<string, Record<string, unknown>>()
    for (const [id, stat] of (await pc?.getStats()) ?? []) report.set(id, stat as Record<string, unknown>)
    const pair = [...report.values()].find(({ type, nominated, state }) => {
      return type === 'candidate-pair' && nominated === true && state === 'succeeded'
    })
    const ends = [pair?.localCandidateId, pair?.remoteCandidateId].map((id) => report.get(String(id)))
    const [local, remote] = ends.map((end) => end?.candidateType)
    const relay = local === 'relay' ? `/${String(ends[0]?.relayProtocol)}` : ''
    return `${String(local)}${relay} ${String(remote)}`
  })
}

interface Row {
  readonly nats: readonly [NatKind, NatKind]
  readonly offer: 'stun' | 'turn'
  /** Expected kinds at the first home; `undefined` when no connection is possible. */
  readonly kinds: RegExp | undefined
}

const DIRECT = /^(host|srflx|prflx) (host|srflx|prflx)$/
const rows: readonly Row[] = [
  { nats: ['none', 'none'], offer: 'stun', kinds: /^host (host|prflx)$/ },
  { nats: ['cone', 'cone'], offer: 'stun', kinds: DIRECT },
  { nats: ['open', 'symmetric'], offer: 'stun', kinds: DIRECT },
  { nats: ['symmetric', 'open'], offer: 'stun', kinds: DIRECT },
  { nats: ['symmetric', 'symmetric'], offer: 'stun', kinds: undefined },
  { nats: ['symmetric', 'symmetric'], offer: 'turn', kinds: /relay/ },
  { nats: ['cone', 'symmetric'], offer: 'turn', kinds: /relay/ },
  { nats: ['no-udp', 'cone'], offer: 'turn', kinds: /^relay\/tcp (relay|prflx|srflx|host)$/ },
  { nats: ['no-udp', 'no-udp'], offer: 'turn', kinds: /^relay\/tcp (relay|prflx)$/ },
  { nats: ['tcp-443', 'symmetric'], offer: 'turn', kinds: /^relay\/tcp (relay|prflx)$/ },
]

for (const { nats, offer, kinds } of rows) {
  const [one, two] = nats
  const title = `${one} and ${two}, ${offer === 'turn' ? 'STUN and TURN' : 'STUN only'}`
  test(`${title}: ${kinds === undefined ? 'not connected, and the page says why' : 'connected'}`, async ({
    settle,
  }, testInfo) => {
    const { person: ada } = await settle('Ada', one, offer)
    const { person: bob } = await settle('Bob', two, offer)
    await ada.enter()
    await bob.enter()
    const begun = Date.now()
    if (kinds === undefined) {
      for (const person of [ada, bob]) {
        await expect(person.page.getByTestId('stuck')).toContainText('this server offers no relay', { timeout: 30_000 })
      }
      return
    }
    await allConnected(ada, bob)
    const seconds = (Date.now() - begun) / 1_000
    // Statistics show the pair in use with a short delay.
    await expect.poll(() => kindsInUse(ada)).toMatch(kinds)
    testInfo.annotations.push({ type: 'connected', description: `${seconds.toFixed(1)} s, ${await kindsInUse(ada)}` })
    expect(seconds).toBeLessThan(10)
    await ada.say('over')
    await expect(bob.message('over')).toBeVisible()
    await bob.say('and out')
    await expect(ada.message('and out')).toBeVisible()
    if (two === 'symmetric' && one === 'symmetric') {
      await ada.turnOnCamera()
      await bob.watches(ada)
    }
  })
}

/** Time in which chat must flow again after the path is back (R19). */
const HEALED_MS = 4_000

/** What `pnpm nightly` runs besides takes two and a half minutes. */
const isNightly = process.env.NIGHTLY !== undefined

for (const seconds of isNightly ? [2, 9, 18, 40] : [9]) {
  test(`[R19] after an outage of ${seconds} s chat flows soon, no message is lost, the connection is the same`, async ({
    settle,
  }, testInfo) => {
    const { person: ada, home } = await settle('Ada', 'cone')
    const { person: bob } = await settle('Bob', 'cone')
    for (const person of [ada, bob]) await person.enter()
    await allConnected(ada, bob)
    home.setCut(true)
    await ada.say('said into the outage')
    await bob.say('said from outside')
    // The duration of the outage.
    await ada.page.waitForTimeout(seconds * 1_000)
    home.setCut(false)
    const back = Date.now()
    await Promise.all([
      expect(bob.message('said into the outage')).toBeVisible(),
      expect(ada.message('said from outside')).toBeVisible(),
    ])
    const tookMs = Date.now() - back
    testInfo.annotations.push({ type: 'healed', description: `${tookMs} ms` })
    expect(tookMs).toBeLessThan(HEALED_MS)
    await allConnected(ada, bob)
    for (const person of [ada, bob]) {
      await expect(person.page.getByTestId('message-text')).toHaveCount(2)
      // An outage as long as the silence that is waited for may end in the midst of an ICE restart.
      await expect.poll(() => person.connections(), { message: 'the same connection' }).toEqual(['stable'])
    }
  })
}

test('[R19] after a change of address mid-call, chat flows again over the same connection', async ({ settle }) => {
  const { person: ada, home } = await settle('Ada', 'cone')
  const { person: bob } = await settle('Bob', 'cone')
  for (const person of [ada, bob]) await person.enter()
  await allConnected(ada, bob)
  await bob.turnOnCamera()
  await ada.watches(bob)
  home.changeAddress()
  const changed = Date.now()
  await ada.say('from the new address')
  await expect(bob.message('from the new address')).toBeVisible()
  // Silence is detected after 2.5 s to 3.5 s, then the path is restored.
  expect(Date.now() - changed).toBeLessThan(3_500 + HEALED_MS)
  await ada.watches(bob)
  for (const person of [ada, bob]) {
    await expect.poll(() => person.connections(), { message: 'the same connection' }).toEqual(['stable'])
  }
})

const kinds = {
  symmetric: 'symmetric: direct calls work with few',
  ...(isNightly && {
    'no-udp': 'UDP is blocked',
    none: 'none: a public address',
    cone: 'cone: direct calls work with most people',
  }),
}
for (const [nat, kind] of Object.entries(kinds) as [keyof typeof kinds, string][]) {
  test(`the connection check detects the NAT: ${nat}`, async ({ settle }) => {
    const { person } = await settle('Ada', nat)
    await person.page.goto(new URL('/check', person.link()).href)
    await person.page.getByRole('button', { name: 'Start' }).click()
    const row = person.page.getByTestId('check-row').filter({ hasText: 'Kind of NAT' })
    await expect(row).toContainText(kind, { timeout: 30_000 })
    await expect(person.page.getByTestId('verdict')).toContainText('Calls should work from here', { timeout: 50_000 })
  })
}
