import { type CDPSession, expect, type Page } from '@playwright/test'

/** Where the focus is, as a screen reader would say it. */
export interface FocusPlace {
  readonly role: string
  readonly name: string
}

/** Who uses a page by keyboard alone. Each stop must be seen: the focus is outlined, on the screen, and under nothing else. */
export class Keyboard {
  readonly #page: Page
  #session: Promise<CDPSession> | undefined

  constructor(page: Page) {
    this.#page = page
  }

  /** Where the focus is now; at `RootWebArea` while nothing has it. */
  async place(): Promise<FocusPlace> {
    const session = await (this.#session ??= this.#page.context().newCDPSession(this.#page))
    const expression = 'document.activeElement === document.body ? document : document.activeElement'
    const { result } = await session.send('Runtime.evaluate', { expression })
    const { objectId = '' } = result
    const { nodes } = await session.send('Accessibility.getPartialAXTree', { objectId, fetchRelatives: false })
    const text = (value: unknown) => (typeof value === 'string' ? value : '')
    return { role: text(nodes[0]?.role?.value), name: text(nodes[0]?.name?.value) }
  }

  /** Waits until the focus is at a place, and is seen there. */
  async isAt(role: string, name: string | RegExp): Promise<void> {
    const expected = { role, name: typeof name === 'string' ? name : expect.stringMatching(name) }
    const message = `the focus is at ${role} ${String(name)}`
    await expect.poll(() => this.place(), { message, intervals }).toEqual(expected)
    await this.#isSeen(`${role} ${String(name)}`)
  }

  /** Presses Tab, or another key, until the focus is at a place. Every stop on the way must be seen. */
  async goTo(role: string, name: string | RegExp, key = 'Tab'): Promise<void> {
    const stops: string[] = []
    const isName = (text: string) => (typeof name === 'string' ? text === name : name.test(text))
    for (let presses = 0; presses < MAX_PRESSES; presses += 1) {
      await this.press(key)
      const { words, trouble } = await this.#page.evaluate(lookAtFocus)
      // Between the last stop and the first the browser has its own controls.
      if (words === undefined) continue
      stops.push(words)
      // What has just been focused may still fade in.
      if (trouble !== '') await this.#isSeen(words)
      if (!isName(words)) continue
      const place = await this.place()
      if (place.role === role && isName(place.name)) return
    }
    expect(stops, `${key} leads to ${role} ${String(name)}`).toContain(String(name))
  }

  async #isSeen(what: string): Promise<void> {
    const look = async () => (await this.#page.evaluate(lookAtFocus)).trouble
    await expect.poll(look, { message: `the focus on ${what}`, intervals }).toBe('')
  }

  /** Goes to a place, and presses a key there. */
  async use(role: string, name: string | RegExp, key = 'Enter'): Promise<void> {
    await this.goTo(role, name)
    await this.press(key)
  }

  /** Chooses from the menu of a button that has the focus. */
  async choose(item: string | RegExp, role = 'menuitem'): Promise<void> {
    await this.press('Enter')
    await expect(this.#page.getByRole('menu')).toBeVisible()
    await expect.poll(async () => (await this.place()).role, { intervals }).toMatch(/^menuitem/)
    const first = await this.place()
    const isFirst = first.role === role && (typeof item === 'string' ? first.name === item : item.test(first.name))
    if (!isFirst) await this.goTo(role, item, 'ArrowDown')
    await this.press('Enter')
  }

  press(key: string): Promise<void> {
    return this.#page.keyboard.press(key)
  }

  type(text: string): Promise<void> {
    return this.#page.keyboard.type(text)
  }
}

/** Between two looks, in milliseconds. */
const intervals = [20, 50, 100]
/** More stops than any page has. */
const MAX_PRESSES = 80

/** Runs in a page: what the focus is on, in its own words, and what keeps it from being seen there, if anything. */
function lookAtFocus(): { readonly words: string | undefined; readonly trouble: string } {
  const element = document.activeElement
  if (element === null || element === document.body) return { words: undefined, trouble: 'nothing has the focus' }
  const { innerText } = element as HTMLElement
  const [label] = (element as HTMLInputElement).labels ?? []
  const words = element.getAttribute('aria-label') ?? label?.innerText ?? innerText.trim()
  return { words, trouble: troubleOf() }

  function troubleOf(): string {
    const shown = { opacityProperty: true, visibilityProperty: true }
    if (element?.checkVisibility(shown) !== true) return 'it is hidden'
    const { outlineStyle, outlineWidth, outlineColor } = getComputedStyle(element)
    const isOutlined = outlineStyle !== 'none' && Number.parseFloat(outlineWidth) >= 2
    if (!isOutlined || outlineColor === 'rgba(0, 0, 0, 0)') return 'it has no outline'
    const { left, right, top, bottom } = element.getBoundingClientRect()
    const [x0, x1, y0, y1] = [
      Math.max(left, 0),
      Math.min(right, innerWidth),
      Math.max(top, 0),
      Math.min(bottom, innerHeight),
    ]
    if (x0 >= x1 || y0 >= y1) return 'it is outside of the window'
    const hit = document.elementFromPoint((x0 + x1) / 2, (y0 + y1) / 2)
    const isHit = hit !== null && (element.contains(hit) || hit.contains(element))
    return isHit ? '' : `it is under ${hit?.outerHTML.slice(0, 200) ?? 'nothing'}`
  }
}
