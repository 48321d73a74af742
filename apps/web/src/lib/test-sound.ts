/** Two notes, in hertz, one after the other. */
const NOTES = [523.25, 783.99]
/** How long a note lasts, in seconds. */
const NOTE_S = 0.35

/**
 * Plays a sound, so that the person hears where it comes from.
 * @param speaker id of an output device; without it, and where it is gone, the system's own.
 * @returns fulfilled when it is over.
 */
export async function playTestSound(speaker: string | undefined): Promise<void> {
  const context = new AudioContext()
  const output = context.createMediaStreamDestination()
  const gain = new GainNode(context, { gain: 0 })
  gain.connect(output)
  const element = new Audio()
  element.srcObject = output.stream
  if (speaker !== undefined && 'setSinkId' in element) await element.setSinkId(speaker).catch(() => {})
  await element.play().catch(() => {})
  const tones = NOTES.map((frequency, index) => {
    const tone = new OscillatorNode(context, { frequency })
    const from = context.currentTime + 0.05 + index * NOTE_S
    tone.connect(gain)
    gain.gain.setValueAtTime(0.2, from)
    gain.gain.linearRampToValueAtTime(0, from + NOTE_S)
    tone.start(from)
    tone.stop(from + NOTE_S)
    return tone
  })
  await new Promise((resolve) => tones.at(-1)?.addEventListener('ended', resolve, { once: true }))
  element.srcObject = null
  await context.close()
}
