import { expectAccessible } from '../support/accessible.ts'
import { expect, test } from '../support/fixtures.ts'
import { HostilePeer, speak } from '../support/hostile-peer.ts'
import { allConnected, type Person } from '../support/person.ts'

/** Opens the menu of a message with the keyboard, and chooses from it. */
async function choose({ page }: Person, text: string, role: 'menuitem' | 'menuitemcheckbox', name: string) {
  const message = page
    .getByTestId('message')
    .filter({ has: page.getByTestId('message-text').filter({ hasText: text }) })
  const button = message.getByRole('button', { name: /^Actions for/ })
  await button.focus()
  await button.press('Enter')
  await page.getByRole(role, { name }).press('Enter')
  await expect(page.getByRole('menu')).toHaveCount(0)
}

test('a message is answered, reacted to, edited and deleted with the keyboard, and says whom it has reached', async ({
  invite,
}) => {
  const [ada, bob] = [await invite('Ada'), await invite('Bob')]
  await ada.enter()
  await ada.say('**any**one?')
  await expect(ada.page.getByTestId('receipt')).toHaveText('Nobody has this yet. Whoever comes later gets it.')
  await bob.enter()
  await allConnected(ada, bob)
  await expect(bob.message('anyone?')).toBeVisible()
  await expect(ada.page.getByTestId('receipt')).toHaveText('Read by Bob')

  // A search for what is in view leaves the log at its end.
  await bob.page.getByRole('button', { name: 'Search the conversation' }).click()
  await bob.page.getByRole('searchbox').fill('any')
  await expect(bob.page.locator('[data-found]')).toContainText('anyone?')
  await bob.page.keyboard.press('Escape')
  await ada.say('still there?')
  const later = ada.page.getByTestId('message').filter({ hasText: 'still there?' })
  await expect(later.getByTestId('receipt')).toHaveText('Read by Bob')
  await expect(bob.page).not.toHaveTitle(/^\(/)

  const input = bob.page.getByRole('textbox', { name: 'Message' })
  await choose(bob, 'anyone?', 'menuitem', 'Reply')
  await expect(input).toBeFocused()
  await expect(bob.page.getByText('Replying to Ada')).toBeVisible()
  await expect(input).toHaveAccessibleDescription(/Replying to Ada anyone\?/)
  await bob.page.keyboard.type('me')
  await expect(ada.page.getByTestId('typing')).toHaveText('Bob is typing…')
  await bob.page.keyboard.press('Enter')
  await expect(ada.page.getByTestId('typing')).toHaveCount(0)
  await expect(ada.page.getByRole('button', { name: 'In reply to Ada: anyone?' })).toBeVisible()

  await choose(ada, 'me', 'menuitemcheckbox', 'React with 🎉')
  const reaction = bob.page.getByRole('button', { name: '🎉 Ada' })
  await expect(reaction).toHaveAttribute('aria-pressed', 'false')
  await reaction.press('Enter')
  await expect(ada.page.getByRole('button', { name: '🎉 Ada and Bob', pressed: true })).toBeVisible()

  // What was being written comes back after an edit, and nobody waits for more of it.
  const typing = ada.page.getByTestId('typing')
  await input.pressSequentially('a draft')
  await expect(typing).toHaveText('Bob is typing…')
  await choose(bob, 'me', 'menuitem', 'Edit')
  await expect(input).toHaveValue('me')
  await expect(input).toBeFocused()
  await bob.page.keyboard.type('!')
  await bob.page.keyboard.press('Enter')
  await expect(typing).toHaveCount(0, { timeout: 2_000 })
  await expect(ada.message('me!')).toBeVisible()
  await expect(ada.page.getByTestId('message').filter({ hasText: 'me!' })).toContainText('edited')
  await expect(input).toHaveValue('a draft')
  await input.fill('')

  // The last own message is edited without the menu.
  await input.press('ArrowUp')
  await expect(input).toHaveValue('me!')
  await bob.page.keyboard.type('?')
  await expect(typing).toHaveText('Bob is typing…')
  await bob.page.keyboard.press('Escape')
  await expect(typing).toHaveCount(0, { timeout: 2_000 })
  await expect(input).toHaveValue('')

  await input.press('ArrowUp')
  await expect(bob.page.getByText('Editing your message')).toBeVisible()
  await choose(bob, 'me!', 'menuitem', 'Delete')
  await expect(bob.page.locator(':focus').getByRole('log'), 'the focus is on the log').toBeVisible()
  await expect(ada.page.getByTestId('message').last()).toContainText('This message was deleted.')
  await expect(ada.page.getByRole('button', { name: 'Actions for the message of Bob' })).toHaveCount(0)
  await expect(bob.page.getByText('Editing your message')).toHaveCount(0)
  await expect(input).toHaveValue('')
  await bob.say('something else')
  await expect(ada.message('something else')).toBeVisible()
})

test('somebody is mentioned with the keyboard, and sees it in the message and in the title', async ({
  invite,
  deployment,
  room,
}) => {
  const [ada, bob] = [await invite('Ada'), await invite('Bob Ross')]
  await ada.enter()
  await bob.enter()
  const bo = new HostilePeer(deployment.signalingPort, room, 'Bo')
  await bo.grip()
  await expect(ada.peer('Bo')).toContainText('connected')
  // Bob has scrolled away from the end.
  for (const text of ['long', 'longer', 'longest']) await ada.say(`${text}${'\nmore'.repeat(13)}`)
  await expect(bob.message('longest')).toBeVisible()
  await bob.page.getByRole('log').hover()
  await bob.page.mouse.wheel(0, -2_000)
  await expect(bob.message('longest')).not.toBeInViewport()

  const input = ada.page.getByRole('textbox', { name: 'Message' })
  await input.focus()
  await ada.page.keyboard.type('look, @b')
  const list = ada.page.getByRole('listbox', { name: 'Whom to mention' })
  await expect(list.getByRole('option')).toHaveText([/Bo$/, /Bob Ross$/])
  await expectAccessible(ada.page)
  await input.press('ArrowUp')
  await expect(list.getByRole('option', { selected: true })).toHaveText(/Bob Ross/)
  const active = await input.getAttribute('aria-activedescendant')
  await expect(list.getByRole('option', { selected: true })).toHaveAttribute('id', active ?? '')
  await input.press('Enter')
  await expect(list).toHaveCount(0)
  await expect(input).toHaveValue('look, @Bob Ross ')
  await ada.page.keyboard.type('here')
  await ada.page.keyboard.press('Enter')

  await expect(bob.page).toHaveTitle(/^\(@1 1\) /)
  const meant = (person: Person) => person.page.getByTestId('message').filter({ hasText: 'look, @Bob Ross here' })
  await expect(meant(bob)).toContainText('mentions you')
  await expect(meant(ada)).not.toContainText('mentions you')
  // A list that is closed stays closed, and Enter sends.
  await ada.page.keyboard.type('@b')
  await expect(list).toBeVisible()
  await ada.page.keyboard.press('Escape')
  await expect(list).toHaveCount(0)
  await ada.page.keyboard.press('Enter')
  await expect(bob.page).toHaveTitle(/^\(@1 2\) /)
  bo.close()
})

test('a copied link goes out with the title that was copied with it, and shows whom it really leads to', async ({
  invite,
}) => {
  const [ada, bob] = [await invite('Ada'), await invite('Bob')]
  await ada.enter()
  await bob.enter()
  await allConnected(ada, bob)
  const input = ada.page.getByRole('textbox', { name: 'Message' })
  const copy = (html: string, text: string) =>
    ada.page.evaluate(
      async ([one, other]) => {
        const of = (type: string, data = '') => ({ [type]: new Blob([data], { type }) })
        await navigator.clipboard.write([new ClipboardItem({ ...of('text/html', one), ...of('text/plain', other) })])
      },
      [html, text],
    )
  const paste = async () => {
    await input.focus()
    await ada.page.keyboard.press('Control+V')
  }
  const url = 'https://evil.example/login'
  await copy(`<p><a href="${url}">Bank   of Ada <b>– sign in</b></a></p>`, url)
  await paste()
  const bar = ada.page.getByText('With the title: Bank of Ada – sign in')
  await expect(bar).toBeVisible()
  await expect(input).toHaveAccessibleDescription(/With the title: Bank of Ada – sign in/)
  await expectAccessible(ada.page)
  await ada.page.keyboard.type(' please')
  await ada.page.keyboard.press('Enter')
  await expect(bar).toHaveCount(0)
  const said = bob.page.getByTestId('message')
  const card = said.filter({ hasText: `${url} please` }).getByTestId('link-card')
  await expect(card).toHaveAccessibleName('Bank of Ada – sign in evil.example')
  await expect(card).toHaveAttribute('href', url)
  await expect(card).toHaveAttribute('rel', /noopener noreferrer/)
  await expectAccessible(bob.page)

  // Not with another address, into which one has turned it.
  await paste()
  await expect(bar).toBeVisible()
  await ada.page.keyboard.type('2')
  await expect(bar).toHaveCount(0)
  await ada.page.keyboard.press('Backspace')
  await expect(input).toHaveValue(url)
  await expect(bar).toHaveCount(0)
  await input.fill('')

  // Without it, if the person likes; and none where the text has another address, or there are several links.
  await paste()
  await ada.page.getByRole('button', { name: 'Leave out the title' }).click()
  await expect(bar).toHaveCount(0)
  await expect(input).toBeFocused()
  await ada.page.keyboard.press('Enter')
  await expect(said).toHaveCount(2)
  await expect(said.last().getByTestId('link-card')).toHaveCount(0)
  await copy(`<a href="${url}">One</a>`, 'https://other.example')
  await paste()
  await copy(`<a href="${url}">One</a><a href="${url}">Two</a>`, ` ${url}`)
  await paste()
  await expect(input).toHaveValue(`https://other.example ${url}`)
  await expect(ada.page.getByText('With the title:')).toHaveCount(0)
})

test('who comes late or reloads gets the conversation, unless the link says otherwise', async ({ invite }) => {
  const [ada, bob] = [await invite('Ada'), await invite('Bob')]
  await ada.enter()
  await ada.say('before')
  await bob.enter()
  await expect(bob.message('before')).toBeVisible()
  await expect(bob.page.getByText('Earlier messages', { exact: true })).toBeVisible()
  await bob.say('mine')
  await expect(ada.message('mine')).toBeVisible()
  await bob.enter()
  await expect(bob.message('mine')).toBeVisible()
  await expect(bob.page.getByTestId('message-text')).toHaveText(['before', 'mine'])
  await expect(bob.page.getByText('Earlier messages, passed on by Ada')).toBeVisible()
  for (const person of [ada, bob]) await person.enter('history=off')
  await allConnected(ada, bob)
  await ada.say('after')
  await expect(bob.page.getByTestId('message-text')).toHaveText(['after'])
})

test('bold, lists, code and addresses are shown as such, and nothing of a message is used as HTML', async ({
  invite,
}) => {
  const ada = await invite('Ada')
  await ada.enter()
  await ada.say('**bold** and `code`')
  await expect(ada.message('bold and code').locator('strong')).toHaveText('bold')
  await expect(ada.message('bold and code').locator('code')).toHaveText('code')
  await ada.say('- one\n- two')
  await expect(ada.message('one').getByRole('listitem')).toHaveText(['one', 'two'])
  await ada.say(`\`\`\`js\nconst long = '${'x'.repeat(3_00)}'\n\`\`\``)
  await expect(ada.message('const long').locator('pre span').first()).toHaveText('const')
  const log = ada.page.getByRole('log').locator('..')
  expect(await log.evaluate((element) => element.scrollWidth - element.clientWidth)).toBe(0)
  await ada.say('_a_ <b>b</b> [here](https://elsewhere.example)')
  const odd = ada.message('<b>b</b>')
  await expect(odd.locator('b')).toHaveCount(0)
  await expect(odd.locator('em')).toHaveText('a')
  await expect(odd).toContainText('here (https://elsewhere.example)')
  await expect(odd.getByRole('link')).toHaveAttribute('href', 'https://elsewhere.example')
  await expect(odd.getByRole('link')).toHaveAttribute('dir', 'ltr')
  await ada.say('# shown as typed ![x](https://elsewhere.example/x.png)')
  await expect(ada.message('# shown as typed ![x]')).toBeVisible()
  await expect(ada.page.getByRole('log').locator('img, h1')).toHaveCount(0)
})

test('a search finds and shows what is out of sight, and the log goes back to its end', async ({
  invite,
  deployment,
  room,
}) => {
  const ada = await invite('Ada')
  await ada.enter()
  const bob = new HostilePeer(deployment.signalingPort, room, 'Bob')
  const { chat } = await bob.grip()
  // Composed in another way than what is searched for, with marks between the words, and where a long message is cut.
  const long = `${'straw '.repeat(250)}caf\u0065\u0301`
  const words = ['a **needle** in the `hay`', long, ...Array.from({ length: 80 }, (_, i) => `hay ${i + 1}`)]
  speak(chat, words)
  await expect(ada.message('hay 80')).toBeInViewport()
  await expect(ada.message('needle')).toHaveCount(0)
  await ada.page.getByRole('button', { name: 'Search the conversation' }).click()
  const search = ada.page.getByRole('searchbox', { name: 'Search the conversation' })
  await search.fill('HAY')
  await expect(ada.page.getByRole('search').getByRole('status')).toHaveText('1 of 81 Bob: hay 80')
  // What is said meanwhile is counted, and another message is shown only when it is asked for.
  speak(chat, [...words, 'more hay'])
  await expect(ada.page.getByRole('search').getByRole('status')).toHaveText('2 of 82 Bob: hay 80')
  await expect(ada.page.locator('[data-found]')).toContainText('hay 80')
  await search.fill('caf\u00e9')
  await expect(ada.page.locator('[data-found]')).toContainText('caf\u0065\u0301')
  await search.fill('needle in the hay')
  await expect(ada.message('needle')).toBeInViewport()
  await expect(ada.page.locator('[data-found]')).toContainText('a needle in the hay')
  await ada.page.emulateMedia({ forcedColors: 'active' })
  await expect(ada.page.locator('[data-found]')).toHaveCSS('outline-style', 'solid')
  await ada.page.emulateMedia({ forcedColors: 'none' })
  await search.fill('no such thing')
  await expect(ada.page.getByRole('search')).toContainText('Nothing found')
  await search.press('Escape')
  await expect(ada.page.getByRole('search')).toHaveCount(0)
  await ada.say('the end')
  await expect(ada.message('the end')).toBeInViewport()
  bob.close()
})

test('a text that was taken back before the page was in the room is not sent, nor what is typed instead', async ({
  invite,
}) => {
  const [ada, bob] = [await invite('Ada'), await invite('Bob')]
  await bob.enter()
  let isHeld = true
  await ada.page.route('**/poll', (route) => (isHeld ? route.abort() : route.continue()))
  await ada.page.routeWebSocket(/\/ws\?/, (line) => (isHeld ? line.close() : void line.connectToServer()))
  await ada.page.goto(ada.link())
  const field = ada.page.getByRole('textbox', { name: 'Message' })
  await field.fill('hello')
  await field.press('Enter')
  await expect(ada.page.getByText('Not sent yet: this page is not in the room.')).toBeVisible()
  await field.fill('')
  isHeld = false
  await allConnected(ada, bob)
  await field.pressSequentially('Hi')
  await expect(field).toHaveValue('Hi')
  await field.press('Enter')
  await expect(bob.message('Hi')).toBeVisible()
  expect(await bob.page.getByTestId('message-text').allTextContents()).toEqual(['Hi'])
})

test('each message is announced by itself and once: also when it says the same as the one before, is edited or mentions somebody', async ({
  invite,
}) => {
  const [ada, bob] = [await invite('Ada'), await invite('Bob')]
  for (const person of [ada, bob]) await person.enter()
  await allConnected(ada, bob)
  await bob.page.evaluate(() => {
    const heard: string[] = []
    Object.assign(window, { heard })
    new MutationObserver((changes) => {
      for (const { type, target, addedNodes } of changes) {
        const isRewritten = type === 'characterData' && target.parentElement?.closest('[aria-live=polite]') !== null
        if (isRewritten) heard.push(target.textContent ?? '')
        if ((target as Element).getAttribute?.('aria-live') !== 'polite') continue
        for (const node of addedNodes) heard.push(node.textContent ?? '')
      }
    }).observe(document.body, { childList: true, characterData: true, subtree: true })
  })
  const heard = () =>
    bob.page.evaluate(() => (window as unknown as { heard: string[] }).heard.filter((each) => each !== ''))
  for (const text of ['ok', 'ok', 'done']) await ada.say(text)
  await expect.poll(heard).toEqual(['Ada: ok', 'Ada: ok', 'Ada: done'])
  const input = ada.page.getByRole('textbox', { name: 'Message' })
  await input.press('ArrowUp')
  await expect(input).toHaveValue('done')
  await input.press('End')
  await input.pressSequentially('!')
  await input.press('Enter')
  await expect(bob.message('done!')).toBeVisible()
  await input.pressSequentially('@b')
  await expect(ada.page.getByRole('listbox', { name: 'Whom to mention' })).toBeVisible()
  await input.press('Enter')
  await input.press('Enter')
  await expect(bob.page.getByTestId('message').last()).toContainText('mentions you')
  await ada.say(`the end${'.'.repeat(7_000)}`)
  const ending = `Ada: the end${'.'.repeat(293)}…`
  await expect.poll(heard).toEqual(['Ada: ok', 'Ada: ok', 'Ada: done', 'Ada: @Bob', 'mentions you', ending])
})
