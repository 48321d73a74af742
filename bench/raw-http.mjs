import { connect } from 'node:net'

/** A minimal keep-alive connection: one request at a time, only responses with a content length. */
class RawHttp {
  #socket
  #rest = Buffer.alloc(0)
  #done

  constructor(port, failed) {
    this.#socket = connect({ port, host: '127.0.0.1', noDelay: true })
    this.#socket.on('error', failed)
    this.#socket.on('data', (chunk) => this.#take(chunk))
  }

  /** @param {(body: Buffer) => void} done */
  request(method, path, headers, body, done) {
    this.#done = done
    const length = method === 'POST' ? `Content-Length: ${Buffer.byteLength(body)}\r\n` : ''
    this.#socket.write(`${method} ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\n${headers}${length}\r\n${body}`)
  }

  close() {
    this.#socket.destroy()
  }

  #take(chunk) {
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk])
    const end = this.#rest.indexOf('\r\n\r\n')
    if (end < 0) return
    const size = Number(/content-length: (\d+)/i.exec(this.#rest.toString('latin1', 0, end))?.[1] ?? 0)
    if (this.#rest.length < end + 4 + size) return
    const body = this.#rest.subarray(end + 4, end + 4 + size)
    this.#rest = this.#rest.subarray(end + 4 + size)
    this.#done(body)
  }
}

/** A minimal long-poll line: one connection for GETs, one for POSTs. */
export function openLongPoll(port, { open, text, failed }) {
  const [polls, posts] = [new RawHttp(port, failed), new RawHttp(port, failed)]
  const json = 'Content-Type: application/json\r\n'
  const path = '/poll'
  let credential = ''
  let [taken, sent] = [0, 0]
  let waiting = []
  let posting = true
  const own = (cursor) => `Authorization: Bearer ${credential}\r\nPatchbay-Cursor: ${cursor}\r\n`
  const poll = () => {
    polls.request('GET', path, own(taken), '', (body) => {
      const { frames } = JSON.parse(body.toString())
      taken += frames.length
      poll()
      for (const frame of frames) text(Buffer.from(frame))
    })
  }
  const post = () => {
    posting = waiting.length > 0
    if (!posting) return
    const frames = waiting
    waiting = []
    posts.request('POST', path, json + own(sent), JSON.stringify({ frames }), () => {
      sent += frames.length
      post()
    })
  }
  posts.request('POST', path, json, '{}', (body) => {
    const opened = JSON.parse(body.toString())
    credential = `${opened.id}.${opened.secret}`
    poll()
    open()
    post()
  })
  return {
    send(frame) {
      waiting.push(frame)
      if (!posting) post()
    },
    close() {
      polls.close()
      posts.close()
    },
  }
}
