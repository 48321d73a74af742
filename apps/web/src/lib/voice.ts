/** Loudness, 0 to 1, from which a sound counts as speech. */
const LOUD = 0.02
/** So many looks must be that loud within this time, in milliseconds: a cough or a key is too short. */
const LOOKS = 3
const WITHIN_MS = 2_000
/** Between two looks, and how long someone counts as speaking after that, in milliseconds. */
const LOOK_MS = 200
const HOLD_MS = 4_000
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
 * Listens to a microphone, even while its track is muted: a copy of the track is not.
 * @returns a function that stops listening.
 */
export function listenTo(track: MediaStreamTrack, onChange: (speaks: boolean) => void): () => void {
  const copy = track.clone()
  copy.enabled = true
  const context = new AudioContext()
  const analyser = new AnalyserNode(context, { fftSize: SAMPLES })
  context.createMediaStreamSource(new MediaStream([copy])).connect(analyser)
  let state: Heard = { loudMs: [], speechMs: undefined }
  let told = false
  const timer = setInterval(() => {
    const { heard, speaks } = listen(state, loudnessOf(analyser), performance.now())
    state = heard
    if (speaks !== told) onChange((told = speaks))
  }, LOOK_MS)
  return () => {
    clearInterval(timer)
    copy.stop()
    void context.close()
  }
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
