/** The header by which the server says of which build its pages are. */
export const BUILD_HEADER = 'x-page-build'

/** Names the build that this code is of; next.config.ts makes it up. */
export const build = process.env.PAGE_BUILD ?? ''
