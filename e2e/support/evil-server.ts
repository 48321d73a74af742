import type { Page } from '@playwright/test'
import type { Person } from './person.ts'

/** Body of an unsealed description. */
interface Description {
  readonly n: number
  readonly sdp: string
}

/** Runs in Eve's page: a connection to each of two people, impersonating the other. */
function sitBetweenPeers(): void {
  const heard: string[] = []
  const towards = () => {
    const pc = new RTCPeerConnection()
    const channels = [0, 1].map((id) => pc.createDataChannel(`${id}`, { negotiated: true, id }))
    return { pc, channels }
  }
  const [caller, callee] = [towards(), towards()]
  for (const [here, there] of [
    [caller, callee],
    [callee, caller],
  ] as const) {
    here.channels.forEach((channel, id) => {
      const other = there.channels[id]
      // The two connections do not open at the same time.
      const open = new Promise((resolve) => other?.addEventListener('open', resolve, { once: true }))
      channel.addEventListener('message', ({ data }: MessageEvent<string>) => {
        heard.push(data)
        void open.then(() => other?.send(data))
      })
    })
  }
  const gathered = async ({ pc }: { readonly pc: RTCPeerConnection }) => {
    await pc.setLocalDescription()
    while (pc.iceGatheringState !== 'complete')
      await new Promise((resolve) => pc.addEventListener('icegatheringstatechange', resolve, { once: true }))
    return pc.localDescription?.sdp ?? ''
  }
  const eve = {
    heard,
    /** @param sdp the caller's offer, if any. @returns Eve's own offer to the callee. */
    async offer(sdp: string | undefined) {
      if (sdp !== undefined) await caller.pc.setRemoteDescription({ type: 'offer', sdp })
      return gathered(callee)
    },
    /** @param sdp the callee's answer. @returns Eve's own answer to the caller. */
    async answer(sdp: string) {
      await callee.pc.setRemoteDescription({ type: 'answer', sdp })
      return gathered(caller)
    },
  }
  Object.assign(window, { eve })
}

type EvePage = {
  readonly eve: { heard: string[]; offer(sdp?: string): Promise<string>; answer(sdp: string): Promise<string> }
}

/** A signaling server that substitutes its own certificates in the descriptions of two people. */
export class EvilServer {
  readonly #page: Page

  private constructor(page: Page) {
    this.#page = page
  }

  /** @param page Eve's page: an empty one, on an origin that can create connections. */
  static async in(page: Page): Promise<EvilServer> {
    await page.evaluate(sitBetweenPeers)
    return new EvilServer(page)
  }

  /** Intercepts the line of someone who has not entered yet. */
  async takeLineOf({ page }: Person): Promise<void> {
    await page.routeWebSocket(/\/ws\?/, (socket) => {
      const server = socket.connectToServer()
      let turn = Promise.resolve()
      socket.onMessage((frame) => {
        turn = turn.then(async () => server.send(await this.#tamper(frame.toString())))
      })
    })
  }

  /** Everything that Eve relayed between the two people. */
  heard(): Promise<string[]> {
    return this.#page.evaluate(() => (window as unknown as EvePage).eve.heard)
  }

  /** Replaces frames one for one, because both ends count them. Once Eve's page is closed, they pass as they are. */
  async #tamper(frame: string): Promise<string> {
    try {
      return await this.#forge(frame)
    } catch (error) {
      if (this.#page.isClosed()) return frame
      throw error
    }
  }

  async #forge(frame: string): Promise<string> {
    const cut = frame.indexOf('\n')
    const [header, body] = [frame.slice(0, cut), frame.slice(cut + 1)]
    const known = readDescription(body)
    if (header.startsWith('{"type":"offer"')) {
      const sdp = await this.#page.evaluate((theirs) => (window as unknown as EvePage).eve.offer(theirs), known?.sdp)
      return `${header}\n${JSON.stringify({ connection: 1, peerConnection: null, n: 1, offers: 1, ...known, sdp })}`
    }
    if (header.startsWith('{"type":"answer"') && known !== undefined) {
      const sdp = await this.#page.evaluate((theirs) => (window as unknown as EvePage).eve.answer(theirs), known.sdp)
      return `${header}\n${JSON.stringify({ ...known, sdp })}`
    }
    // Dropped: candidates would let the two connect without Eve.
    if (header.startsWith('{"type":"ice_candidate"') && body.startsWith('{'))
      return `${header}\n${JSON.stringify({ ...(JSON.parse(body) as object), candidate: '' })}`
    return frame
  }
}

function readDescription(body: string): Description | undefined {
  try {
    return JSON.parse(body) as Description
  } catch {
    return undefined
  }
}
