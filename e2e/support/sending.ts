import type { Person } from './person.ts'

/** One second of the video that a page sends to one peer. */
export interface SentPicture {
  /** Height of the encoded video, in pixels. */
  readonly height: number
  readonly width: number
  /** Bits per second: the limit that the page sets, and the encoder's target. */
  readonly asked: number
  readonly target: number
  /** Bits sent since the second before. Firefox tells no target. */
  readonly bits: number
}

/** Records once a second, from now on, what the page sends on each connection that carries video. */
export function noteSending({ page }: Person): Promise<void> {
  return page.evaluate(() => {
    const rows: unknown[][] = []
    const bytesBefore = new WeakMap<RTCPeerConnection, number>()
    Object.assign(window, { sending: rows })
    const look = async (pc: RTCPeerConnection) => {
      const stats = [...(await pc.getStats()).values()] as RTCOutboundRtpStreamStats[]
      const sent = stats.find(
        ({ type, kind, frameHeight }) => type === 'outbound-rtp' && kind === 'video' && frameHeight,
      )
      const sender = pc.getSenders().find(({ track }) => track?.kind === 'video')
      if (sent === undefined || sender === undefined) return []
      const asked = sender.getParameters().encodings[0]?.maxBitrate ?? 0
      const bits = 8 * ((sent.bytesSent ?? 0) - (bytesBefore.get(pc) ?? 0))
      bytesBefore.set(pc, sent.bytesSent ?? 0)
      return [{ width: sent.frameWidth, height: sent.frameHeight, target: sent.targetBitrate ?? 0, asked, bits }]
    }
    setInterval(() => {
      const { made } = window as unknown as { made: RTCPeerConnection[] }
      void Promise.all(made.filter((pc) => pc.connectionState === 'connected').map(look)).then((all) =>
        rows.push(all.flat()),
      )
    }, 1_000)
  })
}

/** The record so far: one row per second, with one entry per peer. */
export function sendingOf({ page }: Person): Promise<SentPicture[][]> {
  return page.evaluate(() => (window as unknown as { sending: SentPicture[][] }).sending)
}

/** The last second of the record. */
export const newest = async (person: Person): Promise<SentPicture[]> => (await sendingOf(person)).at(-1) ?? []

/** The size of the video of `other` on this person's page. */
export function shownSize(person: Person, other: Person): Promise<{ readonly width: number; readonly height: number }> {
  return person
    .tile(other.name)
    .locator('video')
    .evaluate(({ videoWidth: width, videoHeight: height }: HTMLVideoElement) => ({ width, height }))
}
