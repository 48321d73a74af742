import type { Page } from '@playwright/test'

/** A node as a screen reader has it (CDP `Accessibility.AXNode`), with the element behind it. */
export interface SpokenNode {
  readonly role: string
  readonly name: string
  readonly description: string
  /** States that are told, such as `pressed` or `expanded`. */
  readonly states: Readonly<Record<string, unknown>>
  /** Id of the element in the DOM, for `DOM.resolveNode`. */
  readonly element: number | undefined
  readonly children: readonly SpokenNode[]
}

interface RawNode {
  readonly nodeId: string
  readonly ignored: boolean
  readonly role?: { readonly value: string }
  readonly name?: { readonly value: string }
  readonly description?: { readonly value: string }
  readonly properties?: readonly { readonly name: string; readonly value: { readonly value?: unknown } }[]
  readonly childIds?: readonly string[]
  readonly parentId?: string
  readonly backendDOMNodeId?: number
}

/** @returns what a screen reader has of a page: nodes that are ignored are left out, and their children take their place. */
export async function readTree(page: Page): Promise<readonly SpokenNode[]> {
  const session = await page.context().newCDPSession(page)
  const { nodes } = (await session.send('Accessibility.getFullAXTree')) as { nodes: readonly RawNode[] }
  await session.detach()
  const byId = new Map(nodes.map((node) => [node.nodeId, node]))
  const build = (id: string): readonly SpokenNode[] => {
    const node = byId.get(id)
    if (node === undefined) return []
    const children = (node.childIds ?? []).flatMap(build)
    if (node.ignored) return children
    return [
      {
        role: node.role?.value ?? '',
        name: node.name?.value ?? '',
        description: node.description?.value ?? '',
        states: Object.fromEntries((node.properties ?? []).map(({ name, value }) => [name, value.value])),
        element: node.backendDOMNodeId,
        children,
      },
    ]
  }
  return nodes.filter(({ parentId }) => parentId === undefined).flatMap(({ nodeId }) => build(nodeId))
}

/** All nodes below and including these. */
function flatten(nodes: readonly SpokenNode[]): readonly SpokenNode[] {
  return nodes.flatMap((node) => [node, ...flatten(node.children)])
}

/** What can be operated. */
const operable = new Set(
  'button link textbox searchbox combobox checkbox radio switch slider spinbutton tab menuitem menuitemradio menuitemcheckbox'.split(
    ' ',
  ),
)
/** What tells a state, by role. */
const stateOf: Readonly<Record<string, string>> = {
  checkbox: 'checked',
  radio: 'checked',
  switch: 'checked',
  menuitemradio: 'checked',
  menuitemcheckbox: 'checked',
  tab: 'selected',
}
/** What must say what it is for: there may be several. */
const named = new Set('dialog alertdialog menu region figure log image Video'.split(' '))
/** Where text may be: in a landmark, a popup, or what is said when it changes. */
const places = new Set('banner main contentinfo dialog menu region alert status'.split(' '))

/** @returns what is wrong with what a screen reader has of a page, one sentence each. */
export function troublesIn(tree: readonly SpokenNode[]): string[] {
  const all = flatten(tree)
  const count = (role: string) => all.filter((node) => node.role === role).length
  const headings = all.filter(({ role, states }) => role === 'heading' && states['level'] === 1).length
  const isModal = all.some(({ role }) => role === 'dialog')
  return [
    ...all.flatMap(troublesOf),
    // What is behind an open dialog is not there.
    ...(headings === 1 || isModal ? [] : [`${headings} headings of level 1`]),
    ...(count('main') === 1 || isModal ? [] : [`${count('main')} main parts`]),
    ...tree.flatMap((root) => strayTexts(root)).map((text) => `outside of every landmark: ${text}`),
    ...twice(all.filter(({ role }) => operable.has(role))),
  ]
}

function troublesOf({ role, name, description, states, children }: SpokenNode): string[] {
  const who = `${role} “${name}”`
  const opens = states['hasPopup'] !== undefined && role !== 'menuitem'
  const state = stateOf[role] ?? (opens ? 'expanded' : undefined)
  const inside = flatten(children).filter((node) => node.role === 'StaticText')
  return [
    ...(name === '' && (operable.has(role) || named.has(role)) ? [`${role} without a name`] : []),
    ...(name !== '' && description.includes(name) ? [`${who} is described by its name: ${description}`] : []),
    ...(/^(.{3,}?)[\s,:]*\1$/u.test(name) ? [`${who} says itself twice`] : []),
    ...(state === undefined || states[state] !== undefined ? [] : [`${who} does not say whether it is ${state}`]),
    ...(role === 'figure' && inside.some((text) => text.name === name) ? [`${who} has its name inside, too`] : []),
  ]
}

/** Texts that are in no place where one would come across them. */
function strayTexts({ role, name, children }: SpokenNode): string[] {
  if (places.has(role)) return []
  return role === 'StaticText' ? [name] : children.flatMap(strayTexts)
}

/** Controls that cannot be told from each other. */
function twice(nodes: readonly SpokenNode[]): string[] {
  const names = nodes.map(({ role, name }) => `${role} “${name}”`)
  return [...new Set(names.filter((name, index) => names.indexOf(name) !== index))].map((name) => `several: ${name}`)
}

/** @returns how many parts of a page are said when they change. */
export function liveRegions(tree: readonly SpokenNode[]): number {
  return flatten(tree).filter(({ states }) => states['live'] === 'polite' || states['live'] === 'assertive').length
}

/**
 * @returns controls that are less than 24 px wide or high (WCAG 2.5.8), links in a sentence excepted, and those that show words
 * which their names lack (WCAG 2.5.3).
 */
export function troublesOfControls(page: Page): Promise<string[]> {
  const controls =
    'button, a[href], input:not([type=hidden]), select, textarea, summary, [role=checkbox], [role=tab], [role^=menuitem]'
  return page.locator(controls).evaluateAll((elements) => {
    const plain = (text: string) => text.toLowerCase().replaceAll(/\s+/g, ' ').trim()
    const isShown = (element: Element) => {
      const { width, height } = element.getBoundingClientRect()
      return width > 1 && height > 1 && element.checkVisibility({ visibilityProperty: true })
    }
    return elements.filter(isShown).flatMap((element) => {
      const { outerHTML } = element
      const { width, height } = (element.closest('label') ?? element).getBoundingClientRect()
      const isInSentence = element.matches('a') && getComputedStyle(element).display === 'inline'
      const label = element.getAttribute('aria-label')
      const text = element.matches('button, a, [role=tab]') ? plain((element as HTMLElement).innerText) : ''
      const size = `${Math.round(width)} × ${Math.round(height)}`
      return [
        ...(Math.min(width, height) < 23.9 && !isInSentence ? [`${size}: ${outerHTML.slice(0, 160)}`] : []),
        ...(label !== null && !plain(label).includes(text) ? [`“${label}” for “${text}”`] : []),
      ]
    })
  })
}
