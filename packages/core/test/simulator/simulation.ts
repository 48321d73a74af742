import type { InstanceId, PeerId, PeerSecret, RoomId } from '@patchbay/protocol'
import { SignalingClient } from '../../src/client/index.ts'
import type { RoomEvent } from '../../src/signaling/index.ts'
import { type LocalMedia, Mesh, type Source } from '../../src/mesh/index.ts'
import { type Clock, type Dialer, DialError } from '../../src/transport/index.ts'
import { FileShare } from '../../src/files/index.ts'
import { KeepingStore } from '../support/keeping-store.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { ChatRecord } from './chat-record.ts'
import { FakeInternet } from './fake-internet.ts'
import { FakePeerConnection } from './fake-peer-connection.ts'
import { FileRecord } from './file-record.ts'
import { Random } from '@patchbay/fault-proxy'
import { MAX_PAGES, type Scenery, type Step } from './schedule.ts'
import { ProcessClock } from './process-clock.ts'
import { SimHost } from './sim-host.ts'
import { openSimLine, type SimLine } from './sim-line.ts'
import { RESUME_MS, SimServers } from './sim-servers.ts'

/** Time after the last step in which everything must converge: longer than any wait in the code. */
const SETTLE_MS = 75_000
const ROOM = 'room' as RoomId
/** Less than one chunk. */
const SEGMENT_BYTES = 20_000
const peerIdOf = (secret: PeerSecret) => secret.slice(0, 22) as PeerId

/** A page, open or closed. */
interface Page {
  readonly name: string
  readonly secret: PeerSecret
  readonly id: PeerId
  /** State that outlives the page. */
  readonly disk: KeepingStore
  open: OpenPage | undefined
}

interface OpenPage {
  readonly clock: ProcessClock
  readonly client: SignalingClient
  readonly mesh: Mesh
  readonly files: FileShare
  readonly lines: SimLine[]
  readonly tracks: Map<Source, MediaStreamTrack>
  /** Bodies of the test's own signals, received from each page, in order. */
  readonly relayed: Map<string, string[]>
}

/** A person who accepts every file. */
function acceptAll(files: FileShare): void {
  for (const transfer of files.getSnapshot()) {
    if (transfer.direction === 'in' && transfer.state.phase === 'offered') files.accept(transfer)
  }
}

/** All pages, the server and both networks, driven by one clock and one seed. */
export class Simulation {
  readonly clock: ManualClock
  readonly #lines: readonly string[]
  readonly #random: Random
  readonly #internet: FakeInternet<FakePeerConnection>
  readonly #pages: Page[]
  readonly problems: string[] = []
  readonly #servers: SimServers
  #reachable = true
  /** Lines that a proxy blocks. */
  readonly #blocked = new Set<string>()
  #sent = 0
  readonly #chat = new ChatRecord()
  readonly #files = new FileRecord()
  readonly #host: SimHost | undefined
  #instances = 0

  constructor(seed: number, { lines, nodes = 1, isHosted }: Scenery) {
    // What several servers do takes more turns.
    this.clock = new ManualClock(nodes === 1 ? undefined : 48)
    this.#lines = lines
    this.#random = new Random(seed ^ 0x5eed)
    this.#internet = new FakeInternet(this.clock, this.#random)
    this.#servers = new SimServers(
      {
        clock: this.clock,
        random: this.#random,
        lines,
        peerIdOf,
        problem: (text) => this.problems.push(text),
      },
      nodes,
    )
    this.#pages = Array.from({ length: MAX_PAGES }, (_, i) => {
      // Ids in a random order, so that politeness does not depend on the order of joining.
      const secret = `${this.#random.int(10, 99)}${i}`.padEnd(43, 'x') as PeerSecret
      return { name: `page${i}`, secret, id: peerIdOf(secret), disk: new KeepingStore(SEGMENT_BYTES), open: undefined }
    })
    this.#host = isHosted && new SimHost(this.#pages)
  }

  /** Runs a schedule, without settling or checks. */
  async play(steps: readonly Step[]): Promise<void> {
    for (const step of steps) {
      await this.clock.advance(Math.max(0, step.at - this.clock.now()))
      this.#do(step)
    }
  }

  /** How each open page currently sees the others. */
  phases(): string[] {
    return this.#pages.flatMap(({ open }) => open?.mesh.getSnapshot().map(({ link }) => link.phase) ?? [])
  }

  /** Runs a schedule, lets everything settle, and checks all invariants. @returns the violations. */
  async run(steps: readonly Step[]): Promise<string[]> {
    await this.play(steps)
    this.#reachable = true
    this.#blocked.clear()
    this.#servers.mendAll()
    for (const page of this.#pages) this.#light(page)
    const [host] = this.#pages
    if (this.#host !== undefined && host !== undefined && host.open === undefined) this.#open(host)
    const deadline = this.clock.now() + SETTLE_MS
    let problems: string[]
    do {
      await this.clock.advance(2_500)
      // Whoever was removed opens the page again.
      for (const { name } of this.#host?.pardon() ?? [])
        for (const page of this.#pages) if (page.name === name) this.#reload(page)
      problems = this.#meshProblems()
    } while (problems.length > 0 && this.clock.now() < deadline)
    this.problems.push(...problems, ...this.#internet.problems)
    await this.#checkNothingLeft()
    return this.problems
  }

  #do({ what, who }: Step): void {
    const page = this.#pages[who]
    if (page === undefined) return
    const { open } = page
    switch (what) {
      case 'join':
        return open === undefined ? this.#open(page) : undefined
      case 'leave':
        return this.#close(page)
      case 'crash':
        return this.#crash(page)
      case 'reload':
        return open && this.#reload(page)
      case 'chat':
        return this.#chat.write(page)
      case 'file':
        return this.#files.send(page, open?.mesh.getSnapshot().map(({ info }) => info.id) ?? [])
      case 'relay':
        return this.#relay(page)
      case 'camera':
      case 'microphone':
        return this.#toggle(page, what)
      case 'glare':
        for (const other of this.#pages) this.#toggle(other, 'camera')
        return
      case 'cut':
        return open?.lines.at(-1)?.cut()
      case 'silence':
        return open?.lines.at(-1)?.silence()
      case 'dark':
        this.#internet.dark.add(page.name)
        return
      case 'light':
        return this.#light(page)
      case 'restart':
        return this.#restart(who)
      case 'drain':
        this.#servers.drain(who, 2_000)
        return this.#restart(who)
      case 'sever':
      case 'mend':
        return this.#servers.sever(who, what === 'sever')
      case 'slow':
      case 'quick':
        return this.#servers.slow(who, what === 'slow')
      case 'forget':
        return this.#servers.forget()
      case 'unreachable':
        this.#reachable = false
        return
      case 'reachable':
        this.#reachable = true
        return
      case 'split':
        return this.#sever(page, this.#pages[(who + 1) % MAX_PAGES]?.name)
      case 'roam':
        return this.#sever(page)
      case 'switch':
        return this.#switch(page)
      case 'block':
        this.#blocked.add(this.#random.pick(this.#lines) ?? 'first')
        return
      case 'unblock':
        this.#blocked.clear()
        return
      case 'lock':
      case 'unlock':
        return this.#host?.lock(what === 'lock')
      case 'remove':
        return this.#host?.remove(who)
    }
  }

  /** Kills the path from one page to another, or to all, for good. */
  #sever(page: Page, to?: string): void {
    for (const connection of this.#internet.connections) {
      const { peer } = connection
      if (connection.page !== page.name || peer === undefined || (to !== undefined && peer.page !== to)) continue
      connection.sever()
      peer.sever()
    }
  }

  #open(page: Page): void {
    const lines: SimLine[] = []
    const clock = new ProcessClock(this.clock)
    const isHost = page === this.#pages[0]
    const client = new SignalingClient({
      dialers: this.#lines.map((name) => this.#dialer(name, clock, lines)),
      secret: page.secret,
      instance: `${(this.#instances += 1)}`.padStart(22, '0') as InstanceId,
      clock,
      random: this.#random.next,
    })
    const files = new FileShare({ self: () => page.id, store: page.disk, clock })
    files.subscribe(() => acceptAll(files))
    const mesh = new Mesh({
      signaling: client,
      entry: { room: ROOM, name: page.name, ...(isHost && { hostKey: this.#host?.key }) },
      features: [files],
      clock,
      createPeerConnection: () => new FakePeerConnection(page.name, this.#internet) as unknown as RTCPeerConnection,
    })
    if (isHost) this.#host?.opened(mesh)
    const relayed = new Map<string, string[]>()
    mesh.membership.onEvent((event) => this.#noteRelayed(relayed, event))
    page.open = { clock, client, mesh, files, lines, tracks: new Map(), relayed }
    this.#files.sendAgain(page)
  }

  /** Each line has a separate network, and the hub can tell them apart. */
  #dialer(name: string, clock: Clock, lines: SimLine[]): Dialer {
    return {
      name,
      dial: (handlers, { signal }) =>
        new Promise((resolve, reject) => {
          const stop = clock.after(this.#random.next() * 200, () => {
            const accept = this.#servers.accept(name)
            if (!this.#reachable || this.#blocked.has(name) || accept === undefined)
              return reject(new DialError(name, 'unreachable'))
            const line = openSimLine(this.clock, this.#random, handlers, (connection) => accept(connection))
            lines.push(line)
            resolve(line.near)
          })
          signal.addEventListener('abort', () => {
            stop()
            reject(signal.reason as Error)
          })
        }),
    }
  }

  #reload(page: Page): void {
    this.#close(page)
    this.#open(page)
  }

  #close(page: Page): void {
    page.open?.mesh.close()
    page.open?.client.close()
    page.open = undefined
  }

  /** Crashes the page: everything stops at once, without a goodbye. */
  #crash(page: Page): void {
    const { open } = page
    if (open === undefined) return
    for (const line of open.lines) line.cut()
    for (const connection of this.#internet.connections) if (connection.page === page.name) connection.vanish()
    open.clock.kill()
    page.open = undefined
  }

  /** All lines break: behind a balancer those to other servers too. */
  #restart(who: number): void {
    const lines = this.#pages.flatMap((page) => page.open?.lines ?? [])
    this.#servers.restart(who)
    for (const line of lines) line.cut()
  }

  #switch({ name, open }: Page): void {
    const choice = this.#random.pick(['auto', ...this.#lines]) ?? 'auto'
    open?.client.switchTo(choice).catch((error: unknown) => {
      // The line could not be opened, or another was chosen later: the page stays on its line.
      if (error instanceof RangeError) this.problems.push(`${name} could not choose ${choice}`)
    })
  }

  #light(page: Page): void {
    this.#internet.dark.delete(page.name)
    for (const connection of this.#internet.connections) connection.pathBack()
  }

  #toggle(page: Page, source: Source): void {
    const { open } = page
    if (open === undefined) return
    if (open.tracks.has(source)) open.tracks.delete(source)
    else open.tracks.set(source, { kind: source === 'camera' ? 'video' : 'audio', enabled: true } as MediaStreamTrack)
    const [stream, screenStream] = ['stream', 'screen'].map((id) => ({ id: `${page.name}-${id}` }) as MediaStream)
    const media = { stream, screenStream, tracks: new Map(open.tracks) } as LocalMedia
    void open.mesh.media.set(source, media)
  }

  /** Sends numbered signals that negotiators ignore, to test the session alone. */
  #relay(page: Page): void {
    const roster = page.open?.mesh.membership.getSnapshot()
    if (roster?.status !== 'joined') return
    for (const { id } of roster.peers) {
      page.open?.mesh.membership.send(id, { type: 'ice_candidate', body: `#${page.name} ${(this.#sent += 1)}` })
    }
  }

  /** S1: relayed messages arrive at most once and in order, whatever happens to the lines. */
  #noteRelayed(heard: Map<string, string[]>, event: RoomEvent): void {
    if (event.type !== 'signal' || !event.signal.body.startsWith('#')) return
    const [from = '', number = ''] = event.signal.body.split(' ')
    const before = heard.get(from) ?? []
    if (Number(before.at(-1) ?? 0) >= Number(number))
      this.problems.push(`signal ${number} of ${from} after ${before.at(-1)}`)
    heard.set(from, [...before, number])
  }

  #meshProblems(): string[] {
    const problems: string[] = []
    const present = this.#pages.filter((page) => page.open !== undefined)
    const { sessions } = this.#servers
    if (sessions !== present.length) problems.push(`${sessions} sessions for ${present.length} pages`)
    for (const page of present) {
      const { open } = page
      if (open === undefined) continue
      const state = open.client.getSnapshot().status
      if (state !== 'online') problems.push(`${page.name} is ${state}`)
      const views = open.mesh.getSnapshot()
      const names = views.map(({ info }) => info.name).toSorted()
      const expected = present.filter((other) => other !== page).map(({ name }) => name)
      if (names.join() !== expected.toSorted().join())
        problems.push(`${page.name} sees [${names.join()}], not [${expected.join()}]`)
      for (const { info, link, listed } of views) {
        const here = open.mesh.connectionTo(info.id) as unknown as FakePeerConnection
        const other = present.find(({ name }) => name === info.name)
        const there = other?.open?.mesh.connectionTo(page.id) as unknown as FakePeerConnection | undefined
        const pair = `${page.name}→${info.name}`
        if (link.phase !== 'connected') problems.push(`${pair} is ${link.phase}`)
        if (!listed || info.state !== 'here') problems.push(`${pair} is ${listed ? info.state : 'unlisted'}`)
        if (here.signalingState !== 'stable') problems.push(`${pair} is ${here.signalingState}`)
        if (here.peer !== there) problems.push(`${pair} is connected to a connection that is not the other's`)
        if (here.agreed.join() !== there?.agreed.join()) problems.push(`${pair} disagree on m-lines`)
        const sent = other?.open?.tracks.size ?? 0
        if (here.receiving !== sent + 1) problems.push(`${pair} receives ${here.receiving - 1} tracks, not ${sent}`)
      }
    }
    const hosts = this.#host?.problems() ?? []
    return [...problems, ...hosts, ...this.#chat.problems(present), ...this.#files.problems(present)]
  }

  async #checkNothingLeft(): Promise<void> {
    for (const page of this.#pages) this.#close(page)
    const left = () => {
      const { sessions, rooms } = this.#servers
      if (sessions + rooms === 0) this.#servers.kill()
      const open = this.#internet.connections.filter(({ signalingState }) => signalingState !== 'closed').length
      const { pending } = this.clock
      return sessions + rooms + open + pending === 0
        ? undefined
        : `${sessions} sessions, ${rooms} rooms, ${open} peer connections and ${pending} timers are left`
    }
    // A goodbye on a silent line does not arrive: that session ends with its resume window.
    const deadline = this.clock.now() + 2 * RESUME_MS
    while (left() !== undefined && this.clock.now() < deadline) await this.clock.advance(1_000)
    const problem = left()
    if (problem !== undefined) this.problems.push(problem)
  }
}
