import { type Dialer, DialError, LineEnd } from '@patchbay/core/transport'

/** How long a line that was closed may take to send what was sent on it, and to say goodbye; and the server's last words to come. */
const GOODBYE_MS = 2_000

/** Dials a server over Server-Sent Events; frames go up by POST. @param url of the server's path for this transport. */
export function dialSse({ url }: { readonly url: string }): Dialer {
  return {
    name: 'sse',
    async dial(handlers, { signal }) {
      signal.throwIfAborted()
      const stop = new AbortController()
      const abort = () => stop.abort()
      signal.addEventListener('abort', abort)
      try {
        const events = readEvents(await fetch(url, { signal: stop.signal }))
        const { id, key } = (await events.next()).value as { id: string; key: string }
        const end = new LineEnd(handlers)
        let patience: ReturnType<typeof setTimeout> | undefined
        const lose = () => {
          clearTimeout(patience)
          end.end('lost')
          stop.abort()
        }
        // A server that has ended the line does not know it any more. Its last words may still be under way on the stream.
        const unknown = () => (patience ??= setTimeout(lose, GOODBYE_MS))
        const headers = { authorization: key, 'content-type': 'application/json' }
        // Each POST waits for the previous one, which keeps the order; what follows a lost one is not sent.
        let last: Promise<unknown> = Promise.resolve()
        const post = (message: { readonly frame: string } | { readonly bye: true }) => {
          const body = JSON.stringify(message)
          const keepalive = 'bye' in message
          const send = () => fetch(url, { method: 'POST', headers, body, keepalive, signal: stop.signal })
          return (last = last
            .then(async () => (patience === undefined ? send() : undefined))
            .then((answer) => (answer?.status === 404 ? unknown() : answer?.ok === false && lose()), lose))
        }
        void hear(events, end).then(lose, lose)
        return {
          id,
          send: (text) => end.open && void post({ frame: text }),
          close() {
            if (!end.end('local')) return
            const release = () => stop.abort()
            // A browser has few connections to a server: one that hangs is not kept.
            const timer = setTimeout(release, GOODBYE_MS)
            void post({ bye: true })
              .then(release)
              .then(() => clearTimeout(timer))
          },
        }
      } catch (cause) {
        stop.abort()
        signal.throwIfAborted()
        throw new DialError('sse', `No event stream at ${url}.`, { cause })
      } finally {
        signal.removeEventListener('abort', abort)
      }
    },
  }
}

/** A string is a frame, `null` the server's goodbye. */
async function hear(events: AsyncIterable<unknown>, end: LineEnd): Promise<void> {
  for await (const event of events) {
    if (typeof event === 'string') end.frame(event)
    else end.end('remote')
  }
}

async function* readEvents({ ok, status, body }: Response): AsyncGenerator {
  if (!ok || body === null) throw new Error(`The server answered ${status}.`)
  const reader = body.pipeThrough(new TextDecoderStream()).getReader()
  for (let text = ''; ;) {
    const { done, value } = await reader.read()
    if (done) return
    const events = (text + value).split('\n\n')
    text = events.pop() ?? ''
    for (const event of events) yield JSON.parse(event.slice('data: '.length))
  }
}
