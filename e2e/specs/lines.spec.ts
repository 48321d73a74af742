import { expect, test } from '../support/fixtures.ts'
import { allConnected, expectLine, type Person } from '../support/person.ts'

test('one room, a person on each line: every pair chats, and everyone sees someone on another line', async ({
  invite,
  deployment,
}) => {
  const people = []
  for (const { name, label } of deployment.lines) people.push(await invite(label, { line: name }))
  await Promise.all(people.map((person) => person.enter()))
  await allConnected(...people)
  for (const person of people) {
    await expect(person.line).toContainText(person.name)
    for (const other of people) {
      if (other !== person) await expectLine(person, other.name, other.name)
    }
    await person.say(`hello from ${person.name}`)
  }
  for (const person of people)
    for (const other of people) await expect(person.message(`hello from ${other.name}`)).toBeVisible()
  // Pictures go from page to page whatever the line: two cameras, which everyone else sees.
  const [first, last] = [people[0], people.at(-1)] as [Person, Person]
  for (const person of [first, last]) await person.turnOnCamera()
  for (const person of people) await person.watches(person === first ? last : first)
})

test('switching through every line mid-call: the video goes on, and no message is lost', async ({ invite }) => {
  const [ada, bob] = [await invite('Ada', { line: 'websocket' }), await invite('Bob', { line: 'websocket' })]
  await Promise.all([ada.enter(), bob.enter()])
  await allConnected(ada, bob)
  await ada.turnOnCamera()
  await bob.turnOnCamera()
  await Promise.all([ada.watches(bob), bob.watches(ada)])
  const before = [ada.described().length, bob.described().length]
  let said = 0
  for (const label of ['Long-poll', 'MQTT', 'WebSocket', 'MQTT', 'Long-poll', 'Automatic']) {
    await ada.chooseLine(label)
    const shown = label === 'Automatic' ? 'WebSocket' : label
    const frames = await bob.framesOf(ada)
    // The notice goes by itself.
    const told = expect(ada.page.getByText(`Now on ${shown}`).first()).toBeVisible()
    for (let n = 0; n < 3; n += 1) {
      await ada.say(`count ${(said += 1)}`)
      await bob.say(`count ${(said += 1)}`)
    }
    await told
    await expect(ada.line).toContainText(shown)
    await expectLine(bob, 'Ada', shown)
    await expect.poll(() => bob.framesOf(ada), { message: 'frames keep arriving' }).toBeGreaterThan(frames)
  }
  for (const person of [ada, bob]) {
    await expect(person.page.getByTestId('message-text')).toHaveCount(said)
    const heard = await person.page.getByTestId('message-text').allTextContents()
    for (const side of [0, 1]) {
      const numbers = heard.map((text) => Number(text.replace('count ', ''))).filter((n) => n % 2 === side)
      expect(numbers).toEqual(numbers.toSorted((a, b) => a - b))
    }
    expect(await person.connections(), 'no connection was remade').toEqual(['stable'])
    await expect(person.page.getByTestId('notice').filter({ hasText: 'lost the connection' })).toHaveCount(0)
  }
  expect([ada.described().length, bob.described().length], 'nothing was offered anew').toEqual(before)
})

test('where WebSocket is refused the page falls back, says so, and moves up when it can', async ({ invite }) => {
  const ada = await invite('Ada', { line: 'auto' })
  const bob = await invite('Bob')
  let refusing = true
  let refusedAt: number | undefined
  await ada.page.routeWebSocket(/\/ws\?/, (near) => {
    if (!refusing) return void near.connectToServer()
    refusedAt ??= Date.now()
    void near.close({ code: 1011 })
  })
  await ada.enter()
  await expect(ada.line).toContainText('Long-poll')
  expect(Date.now() - (refusedAt ?? 0)).toBeLessThan(5_000)
  await expect(ada.page.getByText('WebSocket can’t be reached from here').first()).toBeVisible()
  await bob.enter()
  await allConnected(ada, bob)
  refusing = false
  await expect(ada.line).toContainText('WebSocket', { timeout: 25_000 })
  await expect(ada.page.getByText('Now on WebSocket').first()).toBeVisible()
  expect(await bob.connections()).toEqual(['stable'])
})

test('the code of long-poll is fetched once there is a line, and that of MQTT when it is chosen', async ({
  invite,
  deployment,
}) => {
  const ada = await invite('Ada', { line: 'websocket' })
  const scripts: Promise<string>[] = []
  ada.page.on('response', (response) => {
    if (response.request().resourceType() === 'script') scripts.push(response.text())
  })
  const containing = async (text: string) => (await Promise.all(scripts)).filter((code) => code.includes(text)).length
  const [longPoll, mqtt] = [() => containing('patchbay-cursor'), () => containing('reconnectPeriod')]
  await deployment.signaling.stop('SIGKILL')
  await ada.page.goto(ada.link())
  await ada.page.waitForLoadState('networkidle')
  expect(scripts.length).toBeGreaterThan(0)
  expect([await longPoll(), await mqtt()]).toEqual([0, 0])
  await deployment.signaling.start()
  await expect(ada.line).toContainText('WebSocket')
  await expect.poll(longPoll).toBeGreaterThan(0)
  expect(await mqtt()).toBe(0)
  await ada.chooseLine('MQTT')
  const shown = ada.page.getByText(/^Now on/).filter({ visible: true })
  await expect(shown).toHaveText('Now on MQTT')
  expect(await mqtt()).toBeGreaterThan(0)
  await ada.chooseLine('WebSocket')
  await expect(shown, 'one notice about the line at a time').toHaveText(['Now on WebSocket'], { timeout: 3_000 })
})
