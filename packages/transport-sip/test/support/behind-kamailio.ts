import type { Connection } from '@patchbay/core/transport'
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest'
import { WebSocket } from 'ws'
import { Agent, type Arrival } from '../../src/agent.ts'
import { dialSip, type SipDialerOptions } from '../../src/client.ts'
import { listenSip, type SipListener } from '../../src/server.ts'
import { type Kamailio, startKamailio } from './kamailio.ts'

/** A line as the server has it. */
interface Held {
  readonly frames: string[]
  readonly closes: string[]
  readonly connection: Connection
}

/** Kamailio for all tests of a file, and a server behind it for each. */
export class BehindKamailio {
  /** Those of the server. */
  readonly lines: Held[] = []
  readonly cleanups: (() => void)[] = []
  #kamailio: Kamailio | undefined
  #listener: SipListener | undefined

  constructor() {
    beforeAll(async () => void (this.#kamailio = await startKamailio()))
    afterAll(() => this.#kamailio?.stop())
    beforeEach(async () => {
      this.lines.length = 0
      this.#listener = listenSip({ ...this.kamailio.server, url: this.account.url, WebSocket })
      this.#listener.listen((connection) => {
        const line: Held = { frames: [], closes: [], connection }
        this.lines.push(line)
        return { frame: (text) => void line.frames.push(text), close: (reason) => void line.closes.push(reason) }
      })
      await this.#listener.ready
    })
    afterEach(async () => {
      for (const cleanup of this.cleanups.splice(0)) cleanup()
      await this.#listener?.close()
    })
  }

  get kamailio(): Kamailio {
    if (this.#kamailio === undefined) throw new Error('Kamailio is not there yet.')
    return this.#kamailio
  }

  /** That of every page. */
  get account(): SipDialerOptions {
    const { page, port, server } = this.kamailio
    return { ...page, url: `ws://127.0.0.1:${port}`, server: server.uri, WebSocket }
  }

  /** Opens a line. */
  async open(options: Partial<SipDialerOptions> = {}): Promise<Held> {
    const frames: string[] = []
    const closes: string[] = []
    const handlers = {
      frame: (text: string) => void frames.push(text),
      close: (reason: string) => void closes.push(reason),
    }
    const signal = AbortSignal.timeout(5_000)
    const connection = await dialSip({ ...this.account, ...options }).dial(handlers, { signal })
    this.cleanups.push(() => connection.close())
    return { connection, frames, closes }
  }

  /** Registers an agent, which answers what comes. */
  async agentOf(
    as: { readonly uri: string; readonly password: string },
    answer?: 'accept' | 'reject',
  ): Promise<{ readonly agent: Agent; readonly gruu: string }> {
    let gruu = ''
    const handlers = {
      registered: (own: string) => (gruu = own),
      refused: () => {},
      disconnected: () => {},
      arrived: (arrival: Arrival) => answer !== undefined && arrival[answer](),
    }
    const agent = new Agent({ ...as, url: this.account.url, WebSocket }, handlers)
    this.cleanups.push(() => agent.stop(false))
    await expect.poll(() => gruu).not.toBe('')
    return { agent, gruu }
  }
}
