import type { ProcessedTrack } from '@patchbay/core/mesh'
import { loadRnnoise, RnnoiseWorkletNode } from '@sapphi-red/web-noise-suppressor'

/** The rate that RNNoise is trained for, in hertz. */
const RATE = 48_000
/** How long its code may take to arrive, and the sound to start, in milliseconds: the person is not heard meanwhile. */
const FETCH_MS = 10_000
const START_MS = 2_000

const urls = {
  url: new URL('@sapphi-red/web-noise-suppressor/rnnoise.wasm', import.meta.url).href,
  simdUrl: new URL('@sapphi-red/web-noise-suppressor/rnnoise_simd.wasm', import.meta.url).href,
}
const worklet = new URL('@sapphi-red/web-noise-suppressor/rnnoiseWorklet.js', import.meta.url).href

/** Removes noise from a microphone by RNNoise. @throws {Error} when this browser cannot, or the code does not arrive. */
export async function denoise(track: MediaStreamTrack): Promise<ProcessedTrack> {
  const context = new AudioContext({ sampleRate: RATE, latencyHint: 'interactive' })
  try {
    const [wasmBinary] = await Promise.all([
      loadRnnoise(urls, { signal: AbortSignal.timeout(FETCH_MS) }),
      context.audioWorklet.addModule(worklet),
      started(context),
    ])
    const cleaner = new RnnoiseWorkletNode(context, { wasmBinary, maxChannels: 1 })
    // It would leave other channels silent: a voice that comes as stereo would be half as loud.
    Object.assign(cleaner, { channelCount: 1, channelCountMode: 'explicit' })
    const output = new MediaStreamAudioDestinationNode(context, { channelCount: 1 })
    context
      .createMediaStreamSource(new MediaStream([track]))
      .connect(cleaner)
      .connect(output)
    const [cleaned] = output.stream.getAudioTracks()
    if (cleaned === undefined) throw new Error('There is no track.')
    // A phone call interrupts the sound of the page.
    context.addEventListener('statechange', () => context.state === 'suspended' && void context.resume())
    const stop = () => {
      cleaned.stop()
      cleaner.destroy()
      void context.close()
    }
    return { track: cleaned, stop }
  } catch (error) {
    void context.close()
    throw error
  }
}

/** @throws {Error} where the browser holds the sound back: what is sent would be silent. */
async function started(context: AudioContext): Promise<void> {
  const late = new Promise((_, reject) => setTimeout(() => reject(new Error('The sound does not start.')), START_MS))
  await Promise.race([context.resume(), late])
}
