import { fail, FakeDataChannel, FakeEventTarget, type FakeInternet } from './fake-internet.ts'
import { type FakeSdp, type MLine, read, write } from './fake-sdp.ts'

interface Transceiver {
  mid: string | undefined
  readonly kind: string
  direction: string
  readonly sender: { replaceTrack(track: unknown): Promise<void> }
}

/** Bandwidth of a path, so that a file takes time to send. */
const BYTES_PER_MS = 60

let count = 0

/**
 * The signaling half of RTCPeerConnection as in JSEP (RFC 8829 §3.5, §5.5): the state machine with implicit rollback,
 * one operation at a time, the errors, `negotiationneeded`; over a network that delays, fails, and recovers by itself
 * or by ICE restart.
 */
export class FakePeerConnection extends FakeEventTarget {
  readonly page: string
  readonly number: number = (count += 1)
  readonly #internet: FakeInternet<FakePeerConnection>
  readonly #transceivers: Transceiver[] = []
  readonly #channels = new Map<number, FakeDataChannel>()
  #operations: Promise<unknown> = Promise.resolve()
  #pendingLocal: FakeSdp | undefined
  #pendingRemote: FakeSdp | undefined
  #currentLocal: FakeSdp | undefined
  #currentRemote: FakeSdp | undefined
  #localType: 'offer' | 'answer' = 'offer'
  #restart = false
  #ufrags = 0
  #mids = 0
  #candidates = 0
  #negotiationQueued = false
  #peer: FakePeerConnection | undefined
  #severed: string | undefined
  signalingState: RTCSignalingState = 'stable'
  connectionState: RTCPeerConnectionState = 'new'

  constructor(page: string, internet: FakeInternet<FakePeerConnection>) {
    super()
    this.page = page
    this.#internet = internet
    internet.connections.push(this)
  }

  get localDescription(): { type: 'offer' | 'answer'; sdp: string } | null {
    const sdp = this.#pendingLocal ?? this.#currentLocal
    return sdp === undefined ? null : { type: this.#localType, sdp: write(sdp) }
  }

  get remoteDescription(): { sdp: string } | null {
    const sdp = this.#pendingRemote ?? this.#currentRemote
    return sdp === undefined ? null : { sdp: write(sdp) }
  }

  get currentLocalDescription(): { sdp: string } | null {
    return this.#currentLocal === undefined ? null : { sdp: write(this.#currentLocal) }
  }

  get currentRemoteDescription(): { sdp: string } | null {
    return this.#currentRemote === undefined ? null : { sdp: write(this.#currentRemote) }
  }

  /** Whether the path in use is dead; an ICE restart finds another. */
  get severed(): boolean {
    return this.#severed !== undefined && this.#severed === this.#currentLocal?.ufrag
  }

  sever(): void {
    this.#severed = this.#currentLocal?.ufrag
  }

  /** Reports no candidate pairs. */
  getStats(): Promise<ReadonlyMap<string, object>> {
    return Promise.resolve(new Map())
  }

  /** The other end, once connected. */
  get peer(): FakePeerConnection | undefined {
    return this.#peer
  }

  /** Negotiated m-lines, as seen from this end. */
  get agreed(): readonly string[] {
    return (this.#currentLocal?.lines ?? []).map(({ mid, kind }) => `${mid} ${kind}`)
  }

  /** m-lines on which the other end is sending. */
  get receiving(): number {
    return (this.#currentRemote?.lines ?? []).filter(({ sends }) => sends).length
  }

  createDataChannel(_label: string, { id }: { readonly id: number }): FakeDataChannel {
    const channel = new FakeDataChannel((data) => {
      const signals = typeof data === 'string' && /^\{"type":"(offer|answer)"\}\n/.test(data)
      if (signals && this.connectionState !== 'connected')
        this.#internet.problems.push(`a signal of ${this.page} took a path that was known to be dead`)
      this.#flow(id, channel)
    })
    this.#channels.set(id, channel)
    this.#check()
    return channel
  }

  addTransceiver(track: { readonly kind: string }, init: { readonly direction: string }): Transceiver {
    const check = () => this.#check()
    const transceiver = {
      mid: undefined as string | undefined,
      kind: track.kind,
      current: init.direction,
      sender: {
        replaceTrack: () => Promise.resolve(),
        getParameters: () => ({ encodings: [] }),
      },
      get direction() {
        return this.current
      },
      set direction(value: string) {
        this.current = value
        check()
      },
    }
    this.#transceivers.push(transceiver)
    this.#check()
    return transceiver
  }

  /** Ignored: there is one network, without servers. */
  setConfiguration(): void {}

  restartIce(): void {
    this.#restart = true
    this.#check()
  }

  setLocalDescription(): Promise<void> {
    return this.#chain(() => {
      if (this.signalingState === 'have-remote-offer') {
        this.#answer()
      } else {
        this.#pendingLocal = this.#describe()
        this.#localType = 'offer'
        this.signalingState = 'have-local-offer'
      }
      this.#gather()
    })
  }

  setRemoteDescription({ type, sdp }: { type: 'offer' | 'answer'; sdp: string }): Promise<void> {
    return this.#chain(() => {
      const remote = read(sdp)
      if (type === 'answer') {
        if (this.signalingState !== 'have-local-offer')
          throw fail('InvalidStateError', `answer in ${this.signalingState}`)
        if (remote.lines.length !== this.#pendingLocal?.lines.length) throw fail('InvalidAccessError', 'm-lines differ')
        this.#currentLocal = this.#pendingLocal
        this.#currentRemote = remote
        this.#pendingLocal = undefined
        this.#settle()
        return
      }
      if (this.signalingState === 'have-local-offer') this.#rollback()
      const known = this.#currentRemote
      if (known !== undefined && known.connection !== remote.connection) throw fail('InvalidAccessError', 'other DTLS')
      this.#pendingRemote = remote
      this.signalingState = 'have-remote-offer'
    })
  }

  addIceCandidate({
    candidate,
    usernameFragment,
  }: {
    candidate: string
    usernameFragment?: string | null
  }): Promise<void> {
    return this.#chain(() => {
      const remotes = [this.#pendingRemote, this.#currentRemote].filter((remote) => remote !== undefined)
      if (remotes.length === 0) throw fail('InvalidStateError', 'no remote description')
      if (candidate === '') return
      if (!remotes.some(({ ufrag }) => ufrag === usernameFragment)) throw fail('OperationError', 'unknown ufrag')
      this.#candidates += 1
      this.#tryConnect()
    })
  }

  close(): void {
    if (this.signalingState === 'closed') return
    this.signalingState = 'closed'
    this.connectionState = 'closed'
    this.#endChannels()
    const peer = this.#peer
    if (peer === undefined) return
    // DTLS tells the other end, if a packet still gets through.
    this.#internet.clock.after(5 + this.#internet.delay(40), () => {
      if (this.#internet.passes(this, peer)) peer.#endChannels()
    })
  }

  /** Stops without a goodbye, like a crashing page. */
  vanish(): void {
    this.signalingState = 'closed'
    this.#peer = undefined
    this.#channels.clear()
  }

  pairs(other: FakePeerConnection): boolean {
    return (
      this.signalingState !== 'closed' &&
      this.#currentLocal !== undefined &&
      this.#currentLocal.ufrag === other.#currentRemote?.ufrag
    )
  }

  /** The path is back: sends the queued messages. */
  pathBack(): void {
    if (this.signalingState === 'closed') return
    this.#tryConnect()
    this.#flush()
  }

  #flush(): void {
    for (const [id, channel] of this.#channels) this.#flow(id, channel)
  }

  /** Sends the queued messages of a channel: texts at once, chunks one after another. */
  #flow(id: number, channel: FakeDataChannel): void {
    while (!channel.busy && channel.queue.length > 0) {
      const peer = this.#peer
      if (peer === undefined || !this.#internet.passes(this, peer)) return
      const data = channel.queue.shift() ?? ''
      channel.busy = typeof data !== 'string'
      this.#internet.clock.after(typeof data === 'string' ? 3 : 3 + data.byteLength / BYTES_PER_MS, () => {
        if (peer.signalingState !== 'closed') peer.#channels.get(id)?.deliver(data)
        if (typeof data === 'string') return
        channel.busy = false
        if (this.signalingState !== 'closed') this.#flow(id, channel)
      })
    }
  }

  /** ICE notices a dead or recovered path after a delay, separately at each end. */
  #watchPath(): void {
    this.#internet.clock.after(500 + ((this.#internet.connections.indexOf(this) * 769) % 3_000), () => {
      if (this.signalingState === 'closed' || this.#peer === undefined) return
      this.#say(this.#internet.passes(this, this.#peer) ? 'connected' : 'disconnected')
      this.#watchPath()
    })
  }

  #say(state: RTCPeerConnectionState): void {
    if (state === this.connectionState) return
    this.connectionState = state
    this.emit('connectionstatechange')
  }

  #endChannels(): void {
    for (const channel of this.#channels.values()) channel.end()
  }

  #chain(operation: () => void): Promise<void> {
    const run = this.#operations.then(
      () =>
        new Promise<void>((resolve, reject) => {
          this.#internet.clock.after(this.#internet.delay(4), () => {
            // A closed connection leaves the promises of its operations pending (W3C WebRTC §4.4.1.2).
            if (this.signalingState === 'closed') return
            try {
              operation()
              resolve()
            } catch (error) {
              reject(error)
            }
          })
        }),
    )
    this.#operations = run.catch(() => undefined)
    return run
  }

  #describe(): FakeSdp {
    const before = this.#currentLocal
    const lines: MLine[] = (before?.lines ?? []).map((line) => {
      const own = this.#transceivers.find(({ mid }) => mid === line.mid)
      return { ...line, sends: line.kind === 'application' || own?.direction === 'sendonly' }
    })
    if (lines.every(({ kind }) => kind !== 'application')) lines.push(this.#line('application', true))
    for (const transceiver of this.#transceivers) {
      if (transceiver.mid !== undefined && lines.some(({ mid }) => mid === transceiver.mid)) continue
      const line = this.#line(transceiver.kind, transceiver.direction === 'sendonly')
      transceiver.mid = line.mid
      lines.push(line)
    }
    const renew = before === undefined || this.#restart
    this.#restart = false
    return { connection: this.number, ufrag: renew ? `${this.number}.${(this.#ufrags += 1)}` : before.ufrag, lines }
  }

  #line(kind: string, sends: boolean): MLine {
    return { mid: `${this.number}/${(this.#mids += 1)}`, kind, sends }
  }

  #answer(): void {
    const remote = this.#pendingRemote
    if (remote === undefined) throw fail('InvalidStateError', 'nothing to answer')
    const restarted = this.#currentRemote !== undefined && this.#currentRemote.ufrag !== remote.ufrag
    const renew = this.#currentLocal === undefined || restarted
    const lines = remote.lines.map((line) => {
      const own = this.#transceivers.find(({ mid }) => mid === line.mid)
      return { ...line, sends: line.kind === 'application' || own?.direction === 'sendonly' }
    })
    const ufrag = renew ? `${this.number}.${(this.#ufrags += 1)}` : (this.#currentLocal?.ufrag ?? '')
    this.#currentLocal = { connection: this.number, ufrag, lines }
    this.#currentRemote = remote
    this.#pendingRemote = undefined
    this.#localType = 'answer'
    this.#settle()
  }

  #rollback(): void {
    const kept = new Set(this.#currentLocal?.lines.map(({ mid }) => mid))
    for (const transceiver of this.#transceivers) {
      if (transceiver.mid !== undefined && !kept.has(transceiver.mid)) transceiver.mid = undefined
    }
    if (this.#pendingLocal?.ufrag !== this.#currentLocal?.ufrag && this.#currentLocal !== undefined)
      this.#restart = true
    this.#pendingLocal = undefined
    this.signalingState = 'stable'
  }

  #settle(): void {
    this.signalingState = 'stable'
    this.#tryConnect()
    this.#check()
  }

  #needed(): boolean {
    const local = this.#currentLocal
    if (local === undefined || this.#restart) return true
    return this.#transceivers.some((transceiver) => {
      const line = local.lines.find(({ mid }) => mid === transceiver.mid)
      return line === undefined || line.sends !== (transceiver.direction === 'sendonly')
    })
  }

  #check(): void {
    if (this.#negotiationQueued || this.signalingState !== 'stable') return
    this.#negotiationQueued = true
    void this.#operations.then(() => {
      this.#negotiationQueued = false
      if (this.signalingState === 'stable' && this.#needed()) this.emit('negotiationneeded')
    })
  }

  #gather(): void {
    const { ufrag } = this.#pendingLocal ?? this.#currentLocal ?? { ufrag: '' }
    const tell = (candidate: string | null) => {
      if (this.signalingState === 'closed') return
      const found = candidate === null ? null : { candidate, sdpMid: '0', sdpMLineIndex: 0, usernameFragment: ufrag }
      this.emit('icecandidate', { candidate: found })
    }
    this.#internet.clock.after(this.#internet.delay(10), () => tell('candidate:1 1 udp 1 10.0.0.1 9 typ host'))
    this.#internet.clock.after(15, () => tell(null))
  }

  #tryConnect(): void {
    const other = this.#internet.counterpart(this)
    if (other === undefined || (this.#candidates === 0 && other.#candidates === 0)) return
    this.#internet.clock.after(5 + this.#internet.delay(20), () => {
      if (!this.pairs(other) || !other.pairs(this) || !this.#internet.passes(this, other)) return
      for (const [one, two] of [
        [this, other],
        [other, this],
      ] as const) {
        if (one.#peer === undefined) one.#watchPath()
        one.#peer = two
        one.#say('connected')
      }
      for (const one of [this, other]) {
        for (const channel of one.#channels.values()) channel.open()
        one.#flush()
      }
    })
  }
}
