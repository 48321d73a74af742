/** What is shared comes here only where no service worker takes it: then it is not read, and the start page says so. */
export function POST(): Response {
  return new Response(null, { status: 303, headers: { location: '/?shared=failed' } })
}
