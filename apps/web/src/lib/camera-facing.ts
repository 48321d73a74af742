/** Which way a camera of a phone looks: at its person, or away. */
type Facing = 'user' | 'environment'

/** A camera, and which way it looks if the browser says so. */
export interface FacingCamera {
  readonly id: string
  readonly facing: Facing | undefined
}

/** Whether the camera of a stream looks at its person, who is then shown as in a mirror; so does one that does not say. */
export function looksAtPerson(stream: MediaStream): boolean {
  return stream.getVideoTracks()[0]?.getSettings().facingMode !== 'environment'
}

/** The first camera that looks the other way than the one in use; `undefined` where there is none, as on most computers. */
export function cameraFacingAway(cameras: readonly FacingCamera[], current: string | undefined): string | undefined {
  const facing = cameras.find(({ id }) => id === current)?.facing
  if (facing === undefined) return undefined
  return cameras.find((camera) => camera.facing !== undefined && camera.facing !== facing)?.id
}

/** The cameras, and which way they look (W3C Media Capture §4.3.8, `facingMode`): Firefox does not say. */
export async function listFacingCameras(): Promise<readonly FacingCamera[]> {
  const all = await navigator.mediaDevices.enumerateDevices()
  return all
    .filter(({ kind }) => kind === 'videoinput')
    .map((device) => ({ id: device.deviceId, facing: facingOf(device) }))
}

function facingOf(device: MediaDeviceInfo): Facing | undefined {
  const modes = (device as Partial<InputDeviceInfo>).getCapabilities?.().facingMode ?? []
  if (modes.includes('environment')) return 'environment'
  return modes.includes('user') ? 'user' : undefined
}
