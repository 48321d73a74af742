import { startSound } from '../start-sound'
import { RecordingFile } from './file'
import { VoiceMix } from './mix'
import { Painter } from './painter'
import type { Scene } from './scene'

/** Pictures a second, and bits a second: text on a screen stays readable, and an hour is about 700 MB. */
const FRAMES = 12
const VIDEO_BITS = 1_500_000
const AUDIO_BITS = 96_000
/** Sound and picture go to the file this often, in milliseconds. */
const PART_MS = 1_000

/** In order of preference: MP4 can be searched in any player, WebM of this kind has no index. */
const formats = [
  { type: 'video/mp4;codecs=avc1.42E01F,mp4a.40.2', ending: 'mp4' },
  { type: 'video/mp4;codecs=avc1.42E01F,opus', ending: 'mp4' },
  { type: 'video/webm;codecs=vp8,opus', ending: 'webm' },
  { type: 'video/webm', ending: 'webm' },
] as const

/** What was recorded. */
export interface Recorded {
  readonly file: Blob
  /** How its name ends, without a dot. */
  readonly ending: string
  /** Why it ended before the person wanted: the disk is full or too slow, or the encoder failed. */
  readonly failed: boolean
  /** Deletes it from the browser's disk. Not while it may still be copied to the downloads. */
  readonly discard: () => Promise<void>
}

/** Records what is seen and heard, to disk. */
export class Recorder {
  /** Fulfilled when it has ended, for whatever reason. */
  readonly ended: Promise<Recorded>
  readonly #recorder: MediaRecorder
  #failed = false

  private constructor(recorder: MediaRecorder, written: RecordingFile, ending: string, release: () => Promise<void>) {
    this.#recorder = recorder
    const fail = () => {
      this.#failed = true
      this.stop()
    }
    recorder.addEventListener('dataavailable', ({ data }) => void written.write(data).catch(fail))
    recorder.addEventListener('error', fail)
    this.ended = new Promise((resolve) => {
      const finish = async () => {
        await release()
        const { file, isWhole } = await written.finish()
        resolve({ file, ending, failed: this.#failed || !isWhole, discard: () => written.discard() })
      }
      recorder.addEventListener('stop', () => void finish(), { once: true })
    })
    recorder.start(PART_MS)
  }

  /** @param look what is seen and heard at that moment. @throws {Error} when this browser cannot record, or has no space. */
  static async start(look: () => Scene): Promise<Recorder> {
    const format = formats.find(({ type }) => MediaRecorder.isTypeSupported(type))
    if (format === undefined) throw new Error('This browser records no format that is known.')
    const file = await RecordingFile.create()
    const mix = new VoiceMix()
    const painter = new Painter()
    const show = () => {
      const scene = look()
      mix.take(scene.voices)
      painter.paint(scene)
    }
    try {
      if (!(await startSound(mix.context))) throw new Error('The browser holds the sound back.')
      show()
      const stopShowing = mix.every(1 / FRAMES, show)
      const picture = painter.canvas.captureStream(FRAMES)
      if (mix.track !== undefined) picture.addTrack(mix.track)
      const recorder = new MediaRecorder(picture, {
        mimeType: format.type,
        videoBitsPerSecond: VIDEO_BITS,
        audioBitsPerSecond: AUDIO_BITS,
      })
      return new Recorder(recorder, file, format.ending, async () => {
        stopShowing()
        for (const track of picture.getTracks()) track.stop()
        painter.close()
        await mix.close()
      })
    } catch (error) {
      painter.close()
      await mix.close()
      await file.discard().catch(() => {})
      throw error
    }
  }

  stop(): void {
    if (this.#recorder.state !== 'inactive') this.#recorder.stop()
  }
}
