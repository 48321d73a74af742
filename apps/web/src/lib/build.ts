/** The header by which the server says of which build its pages are. */
export const BUILD_HEADER = 'x-page-build'

/** Names the build that this code is of; next.config.ts makes it up. */
export const build = process.env.PAGE_BUILD ?? ''

/**
 * Whether the router would end a call by loading the page anew, because the server has another build of it. An answer that
 * does not say its build, since a proxy has taken the header away, counts as one of this build.
 */
export function endsCall(path: string, headers: Headers): boolean {
  return path.startsWith('/r/') && (headers.get(BUILD_HEADER) ?? build) !== build
}
