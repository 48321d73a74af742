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
