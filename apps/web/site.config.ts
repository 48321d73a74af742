import type { SiteConfig } from './src/lib/site-config'

/** What makes this page one's own; docs/rebrand.md says more. The build stops at anything that does not fit. */
export const site: SiteConfig = {
  name: 'Patchbay',
  logo: undefined,
  icon: { ground: '#1c1a18', mark: '#f5a524' },
  colors: {
    light: { brand: '#a84f06', onBrand: '#ffffff', wash: '#fbeede' },
    dark: { brand: '#f7ab37', onBrand: '#221502', wash: '#33260f' },
  },
  features: {
    check: true,
    hiddenAddresses: true,
    hosts: true,
    install: true,
    inviteCode: true,
    lineChoice: true,
    muteOthers: true,
    noHistory: true,
    raisedHands: true,
    reactions: true,
    recentRooms: true,
    search: true,
  },
  locales: ['en', 'zh-CN', 'ja', 'de', 'es', 'fr', 'pt-BR', 'ar'],
}
