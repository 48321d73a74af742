/** All voices as one track. */
export class VoiceMix {
  readonly context = new AudioContext()
  readonly #output = new MediaStreamAudioDestinationNode(this.context)
  /** Keeps several voices at once from being clipped. */
  readonly #limiter = new DynamicsCompressorNode(this.context, { threshold: -6, knee: 6, ratio: 12, attack: 0.003 })
  readonly #sources = new Map<MediaStreamTrack, MediaStreamAudioSourceNode>()

  constructor() {
    this.#limiter.connect(this.#output)
    // A phone call interrupts the sound of the page, and with it the clock of the pictures.
    this.context.addEventListener('statechange', () => this.context.state === 'suspended' && void this.context.resume())
  }

  get track(): MediaStreamTrack | undefined {
    return this.#output.stream.getAudioTracks()[0]
  }

  /** Mixes these from now on, and no others. */
  take(voices: readonly MediaStreamTrack[]): void {
    for (const [track, source] of this.#sources) {
      if (voices.includes(track)) continue
      source.disconnect()
      this.#sources.delete(track)
    }
    for (const track of voices) {
      if (this.#sources.has(track) || track.readyState === 'ended') continue
      const source = this.context.createMediaStreamSource(new MediaStream([track]))
      source.connect(this.#limiter)
      this.#sources.set(track, source)
    }
  }

  /**
   * Calls `act` again and again, by the clock of the sound: timers of a hidden page run once a second at most.
   * @returns a function that stops it.
   */
  every(seconds: number, act: () => void): () => void {
    let isOver = false
    const wait = (fromS: number) => {
      if (isOver) return
      const silence = new ConstantSourceNode(this.context, { offset: 0 })
      silence.connect(this.#output)
      silence.addEventListener('ended', () => {
        silence.disconnect()
        if (isOver) return
        try {
          act()
        } finally {
          // A page that was busy does not make up for what it missed.
          wait(Math.max(fromS + seconds, this.context.currentTime))
        }
      })
      silence.start(fromS)
      silence.stop(fromS + seconds)
    }
    wait(this.context.currentTime)
    return () => {
      isOver = true
    }
  }

  async close(): Promise<void> {
    this.take([])
    await this.context.close()
  }
}
