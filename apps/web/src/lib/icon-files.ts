/** How large an icon is in pixels, and what part of its square the logo fills. */
interface IconFile {
  readonly size: number
  readonly share: number
  /** `maskable`: a system may cut it to a shape of its own, inside which the middle 80 % always is. */
  readonly purpose?: 'any' | 'maskable'
}

/** The page's icons below `/icons/`. */
export const iconFiles: Readonly<Record<string, IconFile>> = {
  '192.png': { size: 192, share: 0.75, purpose: 'any' },
  '512.png': { size: 512, share: 0.75, purpose: 'any' },
  'maskable.png': { size: 512, share: 0.55, purpose: 'maskable' },
  // Systems of Apple round the corners themselves.
  'apple.png': { size: 180, share: 0.7 },
}

/** Address of the icon that stands for the page. */
export const PAGE_ICON = '/icons/192.png'
