import { expect, type Locator, type Page, test } from '@playwright/test'

/** Runs in a page before its own scripts: records every peer connection that the page creates. */
export function noteConnections(): void {
  const made: RTCPeerConnection[] = []
  Object.assign(window, { made })
  window.RTCPeerConnection = class extends RTCPeerConnection {
    constructor(configuration?: RTCConfiguration) {
      super(configuration)
      made.push(this)
    }
  }
}

/**
 * Runs in a page before its own scripts: its camera has no 720p, only 640 × 480. Several pages that film, encode and show each
 * other must fit on two cores; `quality` has the full size.
 */
export function ownSmallCamera(): void {
  const mediaDevices = navigator.mediaDevices as MediaDevices | undefined
  // Not on an insecure page.
  if (mediaDevices === undefined) return
  const ask = mediaDevices.getUserMedia.bind(mediaDevices)
  mediaDevices.getUserMedia = (constraints) => {
    const video = constraints?.video
    const isDefault = typeof video === 'object' && (video.width as ConstrainULongRange | undefined)?.ideal === 1280
    return ask(isDefault ? { ...constraints, video: { ...video, width: 640, height: 480 } } : constraints)
  }
}

/**
 * Has a page itself tell what it sends on its signaling line. Over WebDriver BiDi nobody else can: it has neither the
 * frames of a WebSocket nor the bodies of requests.
 */
export async function noteSignaling({ page, sends }: Person): Promise<void> {
  await page.exposeFunction('noteSent', sends)
  await page.addInitScript(() => {
    const { noteSent } = window as unknown as { noteSent: (url: string, body: string) => void }
    const { send } = WebSocket.prototype
    WebSocket.prototype.send = function (data) {
      noteSent(
        this.url,
        typeof data === 'string' ? data : new TextDecoder().decode(data as ArrayBufferView<ArrayBuffer>),
      )
      send.call(this, data)
    }
    const { fetch } = window
    window.fetch = (input, init) => {
      if (typeof init?.body === 'string') noteSent(new Request(input).url, init.body)
      return fetch(input, init)
    }
  })
}

/** A second of sound of less energy is silence: one of the browsers' test microphones has a thousand times as much. */
const LEAST_ENERGY = 1e-4

/** Origins of the page and of its signaling server. */
export interface Origins {
  readonly origin: string
  readonly signalingOrigin: string
}

/** A person at a browser: what they see and do. */
export class Person {
  readonly page: Page
  readonly name: string
  readonly #origin: string
  readonly #room: string
  readonly #signalingOrigin: string
  #loads = 0
  /** URLs that the page is loading now. */
  readonly #loading = new Set<string>()
  /** Headers of the messages this page sent on its signaling line, of any transport, oldest first. */
  readonly signaling: string[] = []

  constructor(page: Page, name: string, { origin, signalingOrigin }: Origins, room: string) {
    this.page = page
    this.name = name
    this.#origin = origin
    this.#room = room
    this.#signalingOrigin = signalingOrigin
    page.on('websocket', (socket) => {
      socket.on('framesent', ({ payload }) => this.sends(socket.url(), payload.toString()))
    })
    page.on('request', (request) => this.#loading.add(request.url()))
    for (const end of ['requestfinished', 'requestfailed'] as const)
      page.on(end as 'requestfinished', (request) => this.#loading.delete(request.url()))
    page.on('request', (request) => this.sends(request.url(), request.postData() ?? ''))
  }

  /** Notes the messages in what this page sent: as they are, behind whatever head a line has, or each a string in JSON. */
  readonly sends = (url: string, body: string): void => {
    if (!url.startsWith('ws') && !url.startsWith(this.#signalingOrigin)) return
    const isQuoted = /\{\\?"type/.exec(body)?.[0].includes('\\') === true
    const text = isQuoted ? body.replaceAll(/\\(["\\])/g, '$1') : body
    for (const [header] of text.matchAll(/\{"type":"[a-z_]+"(?:[^{}]|\{[^{}]*\})*\}/g)) this.signaling.push(header)
  }

  /** Invite link of the test's room. */
  link(fragment = ''): string {
    return `${this.#origin}/r/${this.#room}${fragment === '' ? '' : `#${fragment}`}`
  }

  /** Opens the room's page, with the stored name. @param fragment of the invite, without its `#`. */
  async enter(fragment = ''): Promise<void> {
    // Chromium aborts loads when the machine's network changes (ERR_NETWORK_CHANGED), and one load in several hundred
    // hangs for an unknown reason: such a page is loaded again, and the report says so.
    await expect(async () => {
      if ((this.#loads += 1) > 1) {
        const description = `${this.name}; was loading ${[...this.#loading].join(', ')}`
        test.info().annotations.push({ type: 'loaded again', description })
      }
      this.#loading.clear()
      // The `load` event comes after what the page can do without: a page that is in the room is not loaded again for it.
      await this.page.goto(this.link(fragment), { timeout: 10_000, waitUntil: 'commit' })
      await expect(this.page.getByTestId('self')).toBeVisible({ timeout: 10_000 })
    }).toPass({ timeout: 40_000 })
    this.#loads = 0
  }

  /** Opens the landing page, and waits until its scripts have filled in the name. */
  async land(): Promise<void> {
    await this.page.goto(this.#origin)
    await expect(this.page.locator('input[name=name]')).toHaveValue(this.name)
  }

  async say(text: string): Promise<void> {
    const input = this.page.getByRole('textbox', { name: 'Message' })
    // Over WebDriver BiDi `fill` fires an event that React does not take for typing.
    const isFirefox = this.page.context().browser()?.browserType().name() === 'firefox'
    if (isFirefox) await input.pressSequentially(text)
    else await input.fill(text)
    await input.press('Enter')
  }

  message(text: string): Locator {
    return this.page.getByTestId('message-text').filter({ hasText: text })
  }

  peer(name: string): Locator {
    return this.page.locator(`[data-testid=peer][data-name="${name}"]`)
  }

  tile(name: string): Locator {
    return this.page.locator(`[data-testid=tile][data-name="${name}"]`)
  }

  get peers(): Locator {
    return this.page.getByTestId('peer')
  }

  get status(): Locator {
    return this.page.getByTestId('status')
  }

  /** Waits until this person's page shows a working connection to each of `others`. */
  async sees(...others: Person[]): Promise<void> {
    for (const { name } of others) await expect(this.peer(name)).toContainText('connected')
    await expect(this.peers).toHaveCount(others.length)
  }

  /** Waits until all signals have been sent on the line: a message sent after them has left. */
  async hasSaidAll(): Promise<void> {
    const gathered = () =>
      this.page.evaluate(() =>
        (window as unknown as { made: RTCPeerConnection[] }).made.every(
          (made) => made.iceGatheringState === 'complete',
        ),
      )
    await expect.poll(gathered).toBe(true)
    const pongs = this.sent('pong')
    await expect.poll(() => this.sent('pong'), { message: 'a later message' }).toBeGreaterThan(pongs)
  }

  /** Chooses a line in the room's header. */
  async chooseLine(label: string): Promise<void> {
    await this.page.getByTestId('line').click()
    await this.page.getByRole('menuitemradio', { name: label, exact: true }).click()
    // A menu that closes gives the focus back to its button: what is typed before would go there.
    await expect(this.page.getByRole('menu')).toHaveCount(0)
  }

  /** The line in use, as the header shows it. */
  get line(): Locator {
    return this.page.getByTestId('line')
  }

  async turnOnCamera(): Promise<void> {
    await this.page.getByRole('button', { name: 'Turn camera on' }).click()
    await expect(this.page.getByRole('button', { name: 'Turn camera off' })).toBeVisible()
  }

  async turnOffCamera(): Promise<void> {
    await this.page.getByRole('button', { name: 'Turn camera off' }).click()
    await expect(this.page.getByRole('button', { name: 'Turn camera on' })).toBeVisible()
  }

  /** Waits until the video of `other` plays on this page: frames are decoded and are not all of one color. */
  async watches(other: Person): Promise<void> {
    const video = this.tile(other.name).locator('video')
    await expect(video).toBeVisible()
    await expect
      .poll(() => this.framesOf(other), { message: `${this.name} gets a picture of ${other.name}` })
      .toBeGreaterThan(0)
    const before = await this.framesOf(other)
    await expect.poll(() => this.framesOf(other), { message: 'the picture moves' }).toBeGreaterThan(before + 3)
    const colors = new Set<string>()
    const look = async () => {
      const { seen, about } = await video.evaluate((element: HTMLVideoElement) => {
        const canvas = new OffscreenCanvas(16, 16)
        const context = canvas.getContext('2d')
        context?.drawImage(element, 0, 0, 16, 16)
        const pixels = context?.getImageData(0, 0, 16, 16).data ?? new Uint8ClampedArray()
        const found = new Set<string>()
        for (let i = 0; i + 3 < pixels.length; i += 4) found.add(pixels.subarray(i, i + 4).join(' '))
        const { videoWidth, videoHeight, paused } = element
        return { seen: [...found], about: `${videoWidth}×${videoHeight}${paused ? ', paused' : ''}` }
      })
      for (const color of seen) colors.add(color)
      return colors.size > 2 ? 'several colors' : `${about}: ${[...colors].join('; ')}`
    }
    // The first frames may still be of one color. Firefox's picture is always of one, which changes all the time.
    await expect.poll(look, { message: 'a test picture has several colors', intervals: [100] }).toBe('several colors')
  }

  /**
   * Frames of `other` decoded on this page so far (`framesDecoded`, W3C WebRTC Statistics §8.2). A video element of Firefox
   * counts none of a stream.
   */
  framesOf(other: Person): Promise<number> {
    return this.tile(other.name)
      .locator('video')
      .evaluate(async (element: HTMLVideoElement) => {
        const { made } = window as unknown as { made: RTCPeerConnection[] }
        // A camera is announced before its track is there.
        const [shown] = (element.srcObject as MediaStream | null)?.getVideoTracks() ?? []
        const receiver = made.flatMap((connection) => connection.getReceivers()).find(({ track }) => track === shown)
        const reports: RTCStats[] = [...((await receiver?.getStats()) ?? new Map<string, RTCStats>()).values()]
        const incoming = reports.find(({ type }) => type === 'inbound-rtp') as RTCInboundRtpStreamStats | undefined
        return incoming?.framesDecoded ?? 0
      })
  }

  /** Waits until sound of `other` comes in that is not silence. */
  async hears(other: Person): Promise<void> {
    await expect(this.tile(other.name)).toBeVisible()
    await expect(this.tile(other.name)).not.toContainText('microphone off')
    const before = await this.#sound()
    await expect
      .poll(async () => (await this.#sound()).energy - before.energy, { message: `${this.name} hears ${other.name}` })
      .toBeGreaterThan(LEAST_ENERGY)
  }

  /** Waits until what comes in is silence for a second. */
  async hearsNothing(): Promise<void> {
    let before = await this.#sound()
    const isSilent = async () => {
      const now = await this.#sound()
      const isSounding = now.energy - before.energy > LEAST_ENERGY
      if (isSounding) before = now
      return !isSounding && now.seconds - before.seconds > 1
    }
    await expect.poll(isSilent, { message: `${this.name} hears nothing` }).toBe(true)
  }

  /** What has come in so far: its energy (`totalAudioEnergy`, W3C WebRTC Statistics §8.2), and how many seconds were played. */
  #sound(): Promise<{ readonly energy: number; readonly seconds: number }> {
    return this.page.evaluate(async () => {
      const { made } = window as unknown as { made: RTCPeerConnection[] }
      const reports = await Promise.all(made.map((connection) => connection.getStats()))
      const all = reports.flatMap((report) => [...(report as Map<string, RTCInboundRtpStreamStats>).values()])
      const sum = (name: 'totalAudioEnergy' | 'totalSamplesDuration') =>
        all.filter(({ type }) => type === 'inbound-rtp').reduce((total, one) => total + (one[name] ?? 0), 0)
      return { energy: sum('totalAudioEnergy'), seconds: sum('totalSamplesDuration') }
    })
  }

  /** Signaling states of every peer connection of this page, oldest first. */
  connections(): Promise<string[]> {
    return this.page.evaluate(() =>
      (window as unknown as { made: RTCPeerConnection[] }).made.map((connection) => connection.signalingState),
    )
  }

  /** Peers to which this page has sent offers or answers on the signaling line, one entry per message. */
  described(): string[] {
    return this.signaling
      .map((frame) => JSON.parse(frame) as { type: string; to?: string })
      .flatMap(({ type, to }) => ((type === 'offer' || type === 'answer') && to !== undefined ? [to] : []))
  }

  /** Frames of one type sent on the signaling line so far. */
  sent(type: string): number {
    return this.signaling.filter((frame) => frame.startsWith(`{"type":"${type}"`)).length
  }
}

/** Reads on a person's page over which line another is in the room. */
export async function expectLine({ page }: Person, other: string, label: string): Promise<void> {
  await page.getByTestId('people').click()
  const row = page.getByTestId('person').and(page.locator(`[data-name="${other}"]`))
  await expect(row.getByTestId('their-line')).toHaveText(label)
  await page.getByRole('dialog').getByRole('button', { name: 'Close', exact: true }).click()
  await expect(row).toBeHidden()
}

/** Waits until everyone is connected to everyone. */
export async function allConnected(...people: Person[]): Promise<void> {
  await Promise.all(people.map((person) => person.sees(...people.filter((other) => other !== person))))
}
