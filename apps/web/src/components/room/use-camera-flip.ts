import { useLocalMedia } from '@patchbay/react'
import { useEffect, useState } from 'react'
import { cameraFacingAway, listFacingCameras } from '@/lib/camera-facing'
import { useChooseDevice } from './use-choose-device'

/** Changes between the cameras at the front and at the back of a phone; `undefined` where there are not both, or neither is on. */
export function useCameraFlip(): (() => Promise<void>) | undefined {
  const media = useLocalMedia()
  const choose = useChooseDevice()
  const { camera, devices: known } = media?.state ?? {}
  const current = camera?.status === 'on' ? camera.deviceId : undefined
  const [other, setOther] = useState<string>()
  const listed = known?.camera
  useEffect(() => {
    if (current === undefined) return undefined
    let isOver = false
    listFacingCameras()
      .then((cameras) => !isOver && setOther(cameraFacingAway(cameras, current)))
      .catch(() => {})
    return () => {
      isOver = true
      setOther(undefined)
    }
  }, [current, listed])
  if (media === undefined || current === undefined || other === undefined) return undefined
  const { devices } = media
  return () => choose(devices, 'camera', other)
}
