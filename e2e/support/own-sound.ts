/** Runs in a page before its own scripts: its microphone picks up a tone of that pitch, in hertz, and nothing else. */
export function ownTone(pitch: number): void {
  const { mediaDevices } = navigator
  const ask = mediaDevices.getUserMedia.bind(mediaDevices)
  mediaDevices.getUserMedia = (constraints) => {
    if (constraints?.audio === undefined || constraints.audio === false) return ask(constraints)
    const context = new AudioContext()
    const output = new MediaStreamAudioDestinationNode(context)
    const tone = new OscillatorNode(context, { frequency: pitch })
    tone.connect(new GainNode(context, { gain: 0.3 })).connect(output)
    tone.start()
    return Promise.resolve(output.stream)
  }
}

/** Runs in a page before its own scripts: notes the pitch, in hertz, of each note that the page has played to its end. */
export function notePitches(): void {
  const pitches: number[] = []
  Object.assign(window, { pitches })
  const { start } = OscillatorNode.prototype
  OscillatorNode.prototype.start = function (when) {
    // Fires only once the sound has been rendered.
    this.addEventListener('ended', () => pitches.push(this.frequency.value))
    start.call(this, when)
  }
}

/**
 * Runs in a page before its own scripts: its microphone picks up vowels for a second, nothing for the next, and so on, in
 * steady noise. The vowels are pulses through three resonances each, as of a throat and a mouth.
 */
export function speakInNoise(): void {
  const rate = 48_000
  const vowels = [
    [730, 1_090, 2_440],
    [270, 2_290, 3_010],
    [300, 870, 2_240],
    [530, 1_840, 2_480],
  ]
  const { mediaDevices } = navigator
  const ask = mediaDevices.getUserMedia.bind(mediaDevices)
  mediaDevices.getUserMedia = (constraints) => {
    if (constraints?.audio === undefined || constraints.audio === false) return ask(constraints)
    const context = new AudioContext({ sampleRate: rate })
    const output = new MediaStreamAudioDestinationNode(context, { channelCount: 1 })
    const buffer = new AudioBuffer({ length: 2 * rate, sampleRate: rate })
    const samples = buffer.getChannelData(0)
    const before = [0, 0, 0]
    const last = [0, 0, 0]
    let phase = 0
    for (let i = 0; i < samples.length; i += 1) {
      const seconds = i / rate
      phase += (120 + 15 * Math.sin(2 * Math.PI * seconds * 0.7) + 6 * Math.sin(2 * Math.PI * seconds * 5)) / rate
      const pulse = phase >= 1 ? 8 : 0
      phase %= 1
      const syllable = (seconds * 4) % 1
      const isSpoken = seconds < 1 && syllable < 0.85
      let sample = 0
      for (const [j, hertz] of (vowels[Math.floor(seconds * 4) % 4] ?? []).entries()) {
        const radius = Math.exp((-Math.PI * (60 + 35 * j)) / rate)
        const turn = 2 * radius * Math.cos((2 * Math.PI * hertz) / rate)
        const next = (1 - radius) * pulse * 0.6 ** j + turn * (last[j] ?? 0) - radius ** 2 * (before[j] ?? 0)
        before[j] = last[j] ?? 0
        last[j] = next
        sample += next
      }
      const loudness = isSpoken ? Math.sin((Math.PI * syllable) / 0.85) ** 0.5 : 0
      samples[i] = sample * loudness * 0.5 + (Math.random() - 0.5) * 0.02
    }
    const source = new AudioBufferSourceNode(context, { buffer, loop: true })
    source.connect(output)
    source.start()
    return Promise.resolve(output.stream)
  }
}
