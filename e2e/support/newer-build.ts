import { readFile } from 'node:fs/promises'
import { folder } from './fixtures.ts'
import type { Person } from './person.ts'

/** Has the server answer the router of a person's page as if a newer build than the page's were deployed. */
export async function deployNewerBuild({ page }: Pick<Person, 'page'>): Promise<void> {
  const build = await readFile(folder('apps/web/.next/BUILD_ID'), 'utf8')
  const newer = [...build].toReversed().join('')
  await page.route(
    ({ pathname }) => pathname === '/' || pathname.startsWith('/r/'),
    async (route) => {
      // Chromium lets no page that is made up here reach a server of this machine.
      if (route.request().isNavigationRequest()) return route.fallback()
      const response = await route.fetch()
      const headers = { ...response.headers(), 'x-page-build': newer }
      return route.fulfill({ response, headers, body: (await response.text()).replaceAll(build, newer) })
    },
  )
}
