import type { ProcessedTrack } from '@patchbay/core/mesh'
import { loadRnnoise, RnnoiseWorkletNode } from '@sapphi-red/web-noise-suppressor'
import { startSound } from './start-sound'

/** The rate that RNNoise is trained for, in hertz. */
const RATE = 48_000

const urls = {
  url: new URL('@sapphi-red/web-noise-suppressor/rnnoise.wasm', import.meta.url).href,
  simdUrl: new URL('@sapphi-red/web-noise-suppressor/rnnoise_simd.wasm', import.meta.url).href,
}
const worklet = new URL('@sapphi-red/web-noise-suppressor/rnnoiseWorklet.js', import.meta.url).href

/**
 * Removes noise from a microphone by RNNoise.
 * @param onFailed called when it breaks later, and what it makes is silent.
 * @throws {Error} when this browser cannot, or the code does not arrive.
 */
export async function denoise(track: MediaStreamTrack, onFailed: () => void): Promise<ProcessedTrack> {
  const context = new AudioContext({ sampleRate: RATE, latencyHint: 'interactive' })
  try {
    const [wasmBinary, isRunning] = await Promise.all([
      loadRnnoise(urls),
      startSound(context),
      context.audioWorklet.addModule(worklet),
    ])
    // The library takes a filter's page for the code, and then sends silence without an error.
    await WebAssembly.compile(wasmBinary)
    if (!isRunning) throw new Error('The browser holds the sound back: what is sent would be silent.')
    const cleaner = new RnnoiseWorkletNode(context, { wasmBinary, maxChannels: 1 })
    cleaner.addEventListener('processorerror', onFailed)
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
