import { startSound } from './start-sound'

/** Two notes, in hertz, one after the other. */
const NOTES = [523.25, 783.99]
/** How long a note lasts, in seconds. */
const NOTE_S = 0.35
/** It is over after this at the latest, in milliseconds. */
const LONGEST_MS = 3_000

/**
 * Plays a sound, so that the person hears where it comes from.
 * @param speaker id of an output device; without it, and where it is gone, the system's own.
 * @returns fulfilled when it is over.
 */
export async function playTestSound(speaker: string | undefined): Promise<void> {
  const context = new AudioContext()
  const element = new Audio()
  try {
    // One that is held back would never end.
    if (!(await startSound(context))) return
    const output = context.createMediaStreamDestination()
    const gain = new GainNode(context, { gain: 0 })
    gain.connect(output)
    element.srcObject = output.stream
    if (speaker !== undefined && 'setSinkId' in element) await element.setSinkId(speaker).catch(() => {})
    element.play().catch(() => {})
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
    const ended = new Promise((resolve) => tones.at(-1)?.addEventListener('ended', resolve, { once: true }))
    // Nor does one that is interrupted, as by a phone call.
    await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, LONGEST_MS))])
  } finally {
    element.srcObject = null
    await context.close()
  }
}
