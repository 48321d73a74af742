/** Loudness, 0 to 1, from which a sound counts as speech. */
const LOUD = 0.02
/** So many looks must be that loud within this time, in milliseconds: a cough or a key is too short. */
const LOOKS = 3
const WITHIN_MS = 2_000
/** Between two looks, and how long someone counts as speaking after that, in milliseconds. */
const LOOK_MS = 200
const HOLD_MS = 4_000
/** Loudness of a microphone that gives no sound at all (-100 dB), and how long it takes to believe it, in milliseconds. */
const DEAD = 1e-5
const DEAD_AFTER_MS = 6_000
/** Samples that a look covers: about 170 ms. */
const SAMPLES = 8_192

/** Samples of a single look: a third of a second, longer than the pauses between words. */
const SINGLE_SAMPLES = 16_384
const SINGLE_MS = 350

/** When it was loud lately, and when speech was last heard, in milliseconds. */
export interface Heard {
  readonly loudMs: readonly number[]
  readonly speechMs: number | undefined
}

/** The state after another look, and whether someone speaks. */
export function listen(
  before: Heard,
  loudness: number,
  nowMs: number,
): { readonly heard: Heard; readonly speaks: boolean } {
  const recent = before.loudMs.filter((atMs) => nowMs - atMs < WITHIN_MS)
  const loudMs = loudness >= LOUD ? [...recent, nowMs] : recent
  const speechMs = loudMs.length >= LOOKS ? nowMs : before.speechMs
  return { heard: { loudMs, speechMs }, speaks: speechMs !== undefined && nowMs - speechMs < HOLD_MS }
}

/**
 * Measures how loud a microphone is, even while its track is muted: a copy of the track is not.
 * @param onLook told the loudness, 0 to 1, at each look.
 * @returns a function that stops listening.
 */
export function watchLoudness(track: MediaStreamTrack, onLook: (loudness: number) => void): () => void {
  const copy = track.clone()
  copy.enabled = true
  const context = new AudioContext()
  const analyser = new AnalyserNode(context, { fftSize: SAMPLES })
  context.createMediaStreamSource(new MediaStream([copy])).connect(analyser)
  const timer = setInterval(() => {
    // Until then there are no samples but zeros.
    if (context.state === 'running') onLook(loudnessOf(analyser))
  }, LOOK_MS)
  return () => {
    clearInterval(timer)
    copy.stop()
    if (context.state !== 'closed') void context.close()
  }
}

/** What is wrong between a person who speaks and the others, as far as this page can tell. */
export type VoiceTrouble = 'speaking while muted' | 'nothing to hear'

/**
 * Watches a microphone.
 * @param isMuted whether the others hear nothing.
 * @returns a function that stops watching.
 */
export function watchVoice(
  track: MediaStreamTrack,
  isMuted: boolean,
  onChange: (trouble: VoiceTrouble | undefined) => void,
): () => void {
  let state: Heard = { loudMs: [], speechMs: undefined }
  let isDead = true
  let told: VoiceTrouble | undefined
  const beganMs = performance.now()
  const stop = watchLoudness(track, (loudness) => {
    const nowMs = performance.now()
    const { heard, speaks } = listen(state, loudness, nowMs)
    state = heard
    if (loudness > DEAD) isDead = false
    const trouble = isMuted
      ? speaks && 'speaking while muted'
      : isDead && nowMs - beganMs > DEAD_AFTER_MS && 'nothing to hear'
    if ((trouble || undefined) !== told) onChange((told = trouble || undefined))
    // Whoever is heard needs no watching.
    if (!isMuted && !isDead) stop()
  })
  return stop
}

/** Whether a microphone picks up something as loud as speech in the next third of a second. @param context that runs. */
export async function isHeardNow(context: AudioContext, track: MediaStreamTrack): Promise<boolean> {
  const source = context.createMediaStreamSource(new MediaStream([track]))
  const analyser = new AnalyserNode(context, { fftSize: SINGLE_SAMPLES })
  source.connect(analyser)
  await new Promise((resolve) => setTimeout(resolve, SINGLE_MS))
  source.disconnect()
  return loudnessOf(analyser) >= LOUD
}

/** Root mean square of the last samples, 0 to 1. */
function loudnessOf(analyser: AnalyserNode): number {
  const samples = new Float32Array(analyser.fftSize)
  analyser.getFloatTimeDomainData(samples)
  return Math.sqrt(samples.reduce((sum, sample) => sum + sample ** 2, 0) / samples.length)
}
