/** Browsers that ask for permissions each in its own place. */
export type BrowserKind = 'android' | 'chromium' | 'firefox' | 'ios' | 'safari' | 'other'
/** Systems that keep devices from browsers each in their own settings. */
export type SystemKind = 'mac' | 'windows' | 'other'

/** @param agent `navigator.userAgent`. */
export function browserKind(agent: string): BrowserKind {
  // Every browser of iOS asks in the system's own way.
  if (/iPhone|iPad|iPod/.test(agent)) return 'ios'
  if (agent.includes('Firefox/')) return agent.includes('Android') ? 'other' : 'firefox'
  if (agent.includes('Android')) return 'android'
  if (/Chrome|Chromium|Edg\//.test(agent)) return 'chromium'
  return agent.includes('Safari/') ? 'safari' : 'other'
}

/** @param agent `navigator.userAgent`. */
export function systemKind(agent: string): SystemKind {
  if (agent.includes('Macintosh')) return 'mac'
  return agent.includes('Windows') ? 'windows' : 'other'
}
