import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'

const wasm = readFileSync(createRequire(import.meta.url).resolve('@sapphi-red/web-noise-suppressor/rnnoise_simd.wasm'))
const track = {} as MediaStreamTrack

class OwnNode extends EventTarget {
  connect = <T>(to: T) => to
}
/** The nodes that were made, which Node has none of. */
class OwnWorkletNode extends OwnNode {
  static made: OwnWorkletNode[] = []
  port = { postMessage: vi.fn() }
  constructor() {
    super()
    OwnWorkletNode.made.push(this)
  }
}
const close = vi.fn()
class OwnContext extends EventTarget {
  state = 'running'
  audioWorklet = { addModule: () => Promise.resolve() }
  resume = () => Promise.resolve()
  createMediaStreamSource = () => new OwnNode()
  close = close
}
class OwnOutput {
  stream = { getAudioTracks: () => [{ stop: vi.fn() }] }
}

beforeEach(() => {
  vi.stubGlobal('AudioWorkletNode', OwnWorkletNode)
  vi.stubGlobal('AudioContext', OwnContext)
  vi.stubGlobal('MediaStreamAudioDestinationNode', OwnOutput)
  vi.stubGlobal('MediaStream', EventTarget)
})
afterEach(() => vi.unstubAllGlobals())

test('noise removal whose code a filter answers with a page of its own fails, so that the microphone is sent as it is', async () => {
  vi.stubGlobal('fetch', () => Promise.resolve(new Response('<html>blocked</html>', { status: 403 })))
  const { denoise } = await import('../src/lib/denoiser')
  await expect(denoise(track, () => {})).rejects.toThrow(WebAssembly.CompileError)
  expect(close).toHaveBeenCalledOnce()
})

test('noise removal that breaks later says so', async () => {
  vi.stubGlobal('fetch', () => Promise.resolve(new Response(wasm)))
  const { denoise } = await import('../src/lib/denoiser')
  const onFailed = vi.fn()
  await denoise(track, onFailed)
  expect(onFailed).not.toHaveBeenCalled()
  OwnWorkletNode.made.at(-1)?.dispatchEvent(new Event('processorerror'))
  expect(onFailed).toHaveBeenCalledOnce()
})
