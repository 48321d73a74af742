import * as v from 'valibot'
import { type AppLocale, catalogs } from '../i18n/catalogs'

/** A color as `#rrggbb`. */
type Color = `#${string}`

/** The colors of a brand, for one appearance of the page. */
interface BrandColors {
  /** Main buttons, marks, what is chosen, and text that stands out. */
  readonly brand: Color
  /** Text on `brand`. */
  readonly onBrand: Color
  /** A ground of that kind, on which ordinary text stands. */
  readonly wash: Color
}

/** Parts of the page that a site may leave out. */
interface SiteFeatures {
  /** The page that checks the connection. */
  readonly check: boolean
  /** The choice, for a new room, that everything goes through a relay. */
  readonly hiddenAddresses: boolean
  /** Whoever opens a room is its host: locks it, lets people in and removes them. */
  readonly hosts: boolean
  /** Installing the page, and what it shows without its server. */
  readonly install: boolean
  /** The invite link as a QR code. */
  readonly inviteCode: boolean
  /** The signaling line: which it is, and the choice of another. */
  readonly lineChoice: boolean
  /** Muting somebody else for everyone. */
  readonly muteOthers: boolean
  /** The choice, for a new room, that nobody gets what was said before. */
  readonly noHistory: boolean
  /** Hands that can be raised. */
  readonly raisedHands: boolean
  /** Emoji shown over the pictures. */
  readonly reactions: boolean
  /** Rooms that someone was in with this browser, on the start page. */
  readonly recentRooms: boolean
  /** The search of the conversation. */
  readonly search: boolean
}

const featureNames = [
  'check',
  'hiddenAddresses',
  'hosts',
  'install',
  'inviteCode',
  'lineChoice',
  'muteOthers',
  'noHistory',
  'raisedHands',
  'reactions',
  'recentRooms',
  'search',
] as const satisfies readonly (keyof SiteFeatures)[]

/** What `site.config.ts` says. */
export interface SiteConfig {
  readonly name: string
  /** Address of an SVG or PNG in `public/`, such as `/logo.svg`; `undefined` for the socket of Patchbay. */
  readonly logo: string | undefined
  /** Ground of the page's icons, and color of the socket on it. */
  readonly icon: { readonly ground: Color; readonly mark: Color }
  readonly colors: { readonly light: BrandColors; readonly dark: BrandColors }
  readonly features: SiteFeatures
  /** Languages offered; the first is for those who read none of them. */
  readonly locales: readonly [AppLocale, ...AppLocale[]]
}

/** What the brand's colors meet on the page: the same as in `globals.css`. */
export const neighbors = {
  light: { ground: '#f5f3ef', panel: '#ffffff', sunken: '#ece9e3', soft: '#5f5a52' },
  dark: { ground: '#141210', panel: '#1e1b18', sunken: '#292521', soft: '#b3aca1' },
} as const

/** WCAG 2.2, 1.4.3: of text. */
const TEXT_CONTRAST = 4.5

const color = v.pipe(v.string(), v.regex(/^#[0-9a-f]{6}$/i, 'must be a color such as #a84f06'))
const brandColors = v.strictObject({ brand: color, onBrand: color, wash: color })
const known = Object.keys(catalogs)
const schema = v.strictObject({
  name: v.pipe(
    v.string(),
    v.trim(),
    v.nonEmpty('must not be empty'),
    v.maxLength(40, 'must have at most 40 characters'),
  ),
  logo: v.optional(
    v.pipe(v.string(), v.regex(/^\/[\w./-]+\.(svg|png)$/, 'must be an SVG or PNG in public/, such as /logo.svg')),
  ),
  icon: v.strictObject({ ground: color, mark: color }),
  colors: v.strictObject({ light: brandColors, dark: brandColors }),
  features: v.strictObject(v.entriesFromList(featureNames, v.boolean('must be true or false'))),
  locales: v.pipe(
    v.array(v.picklist(known, `must be among ${known.join(', ')}`)),
    v.minLength(1, 'must have at least one'),
    v.check((tags) => new Set(tags).size === tags.length, 'must not have one twice'),
  ),
})

/**
 * Checks what `site.config.ts` says, at the build. @param hasFile whether `public/` has a file, by its address.
 * @throws {Error} that names everything wrong with it.
 */
export function checkSite(site: unknown, hasFile: (address: string) => boolean): void {
  const read = v.safeParse(schema, site)
  const faults = read.success ? faultsOf(read.output, hasFile) : read.issues.map(sayIssue)
  if (faults.length > 0)
    throw new Error(`site.config.ts cannot be used:\n${faults.map((fault) => `- ${fault}`).join('\n')}`)
}

function sayIssue(issue: v.InferIssue<typeof schema>): string {
  return `${v.getDotPath(issue) ?? 'the whole'} ${/^(must|has)/.test(issue.message) ? issue.message : `: ${issue.message}`}`
}

function faultsOf({ logo, colors }: v.InferOutput<typeof schema>, hasFile: (address: string) => boolean): string[] {
  const faults = logo !== undefined && !hasFile(logo) ? [`logo is not there: public${logo}`] : []
  for (const look of ['light', 'dark'] as const) {
    const { brand, onBrand, wash } = colors[look]
    const { soft, ...grounds } = neighbors[look]
    const pairs = [
      [`onBrand on brand`, onBrand, brand],
      ...Object.values(grounds).map((ground) => [`brand on the page (${ground})`, brand, ground] as const),
      [`text (${soft}) on wash`, soft, wash],
    ] as const
    for (const [what, above, below] of pairs) {
      const ratio = contrast(above, below)
      if (ratio < TEXT_CONTRAST)
        faults.push(`colors.${look}: ${what} has a contrast of ${ratio.toFixed(1)} : 1, and needs ${TEXT_CONTRAST} : 1`)
    }
  }
  return faults
}

/** Contrast of two colors (WCAG 2.2, "contrast ratio"), 1 to 21. */
function contrast(one: string, other: string): number {
  const [darker = 0, lighter = 0] = [luminance(one), luminance(other)].toSorted((a, b) => a - b)
  return (lighter + 0.05) / (darker + 0.05)
}

function luminance(hex: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const share = Number.parseInt(hex.slice(at, at + 2), 16) / 255
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}
