import { chimes } from './call-switches'
import { chosenSpeaker } from './devices'
import { startSound } from './start-sound'
import { isHeardNow } from './voice'

/** What has a sound of its own. */
export type Chime = 'join' | 'leave' | 'message'

/** Pitch of each note in hertz, and when it begins, in seconds. */
const notes: Readonly<Record<Chime, readonly (readonly [number, number])[]>> = {
  join: [
    [523, 0],
    [784, 0.11],
  ],
  leave: [
    [784, 0],
    [523, 0.11],
  ],
  message: [[988, 0]],
}
/** How long a note takes to fade, in seconds, and how loud it begins, 0 to 1. */
const FADE_S = 0.3
const LOUDNESS = 0.12
/** Least time between two sounds, in milliseconds: a crowd that comes in is one sound, and so is a flood of messages. */
const GAP_MS = 1_500

let lastMs = -Infinity

/**
 * Makes a sound, unless the person has turned sounds off, has done nothing on the page yet, or is speaking.
 * @param voice the person's microphone, while it is heard.
 */
export async function playChime(chime: Chime, voice: MediaStreamTrack | undefined): Promise<void> {
  // Browsers hold sound back before the person has done something, and some would play it then, all at once.
  const { userActivation } = navigator as Partial<Pick<Navigator, 'userActivation'>>
  if (!chimes.isOn() || userActivation?.hasBeenActive !== true) return
  const nowMs = performance.now()
  if (nowMs - lastMs < GAP_MS) return
  lastMs = nowMs
  const context = new AudioContext()
  try {
    await playAtSpeaker(context)
    if (!(await startSound(context))) return
    if (voice !== undefined && (await isHeardNow(context, voice))) return
    await Promise.all(notes[chime].map(([pitch, afterS]) => playNote(context, pitch, context.currentTime + afterS)))
  } finally {
    await context.close()
  }
}

/** Has the context sound where the others do, in browsers that can. */
async function playAtSpeaker(context: AudioContext): Promise<void> {
  const speaker = chosenSpeaker()
  // Rejects where the device is gone: the system's own is used then.
  if (speaker !== undefined && 'setSinkId' in context)
    await (context as AudioContext & { setSinkId(id: string): Promise<void> }).setSinkId(speaker).catch(() => {})
}

/** @param atS when it begins, by the clock of the context, in seconds. */
function playNote(context: AudioContext, pitch: number, atS: number): Promise<void> {
  const tone = new OscillatorNode(context, { type: 'sine', frequency: pitch })
  const loudness = new GainNode(context, { gain: 0 })
  loudness.gain.setValueAtTime(0, atS)
  loudness.gain.linearRampToValueAtTime(LOUDNESS, atS + 0.01)
  loudness.gain.exponentialRampToValueAtTime(0.000_1, atS + FADE_S)
  tone.connect(loudness).connect(context.destination)
  tone.start(atS)
  tone.stop(atS + FADE_S)
  return new Promise((resolve) => tone.addEventListener('ended', () => resolve()))
}
