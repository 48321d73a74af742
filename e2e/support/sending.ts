import type { Person } from './person.ts'

/** One second of a picture that a page sends to one peer. */
export interface SentPicture {
  /** Lines of the picture, as encoded. */
  readonly height: number
  readonly width: number
  /** Bits a second: what the page asks for, and what the platform has the encoder make. */
  readonly asked: number
  readonly target: number
}

/** Notes once a second, from now on, what the page sends on each connection that carries a picture. */
export function noteSending({ page }: Person): Promise<void> {
  return page.evaluate(() => {
    const rows: unknown[][] = []
    Object.assign(window, { sending: rows })
    const look = async (pc: RTCPeerConnection) => {
      const stats = [...(await pc.getStats()).values()] as RTCOutboundRtpStreamStats[]
      const sent = stats.find(
        ({ type, kind, frameHeight }) => type === 'outbound-rtp' && kind === 'video' && frameHeight,
      )
      const sender = pc.getSenders().find(({ track }) => track?.kind === 'video')
      if (sent === undefined || sender === undefined) return []
      const asked = sender.getParameters().encodings[0]?.maxBitrate ?? 0
      return [{ width: sent.frameWidth, height: sent.frameHeight, target: sent.targetBitrate ?? 0, asked }]
    }
    setInterval(() => {
      const { made } = window as unknown as { made: RTCPeerConnection[] }
      void Promise.all(made.filter((pc) => pc.connectionState === 'connected').map(look)).then((all) =>
        rows.push(all.flat()),
      )
    }, 1_000)
  })
}

/** What has been noted so far: one row a second, with one entry for each peer. */
export function sendingOf({ page }: Person): Promise<SentPicture[][]> {
  return page.evaluate(() => (window as unknown as { sending: SentPicture[][] }).sending)
}

/** The size in which this person's page shows the picture of `other`. */
export function shownSize(person: Person, other: Person): Promise<{ readonly width: number; readonly height: number }> {
  return person
    .tile(other.name)
    .locator('video')
    .evaluate(({ videoWidth: width, videoHeight: height }: HTMLVideoElement) => ({ width, height }))
}
