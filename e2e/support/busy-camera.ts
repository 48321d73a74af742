/**
 * Runs in a page before its own scripts: its camera shows drifting, changing clouds. Every frame gives the encoder
 * work, as a person in front of a camera does; the browser's own test pattern needs a fraction of the bitrate.
 */
export function filmClouds(): void {
  const size = { width: 1280, height: 720 }
  const cloud = () => {
    const noise = new OffscreenCanvas(80, 45)
    const context = noise.getContext('2d')
    const image = context?.createImageData(noise.width, noise.height)
    if (image === undefined || context === null) throw new Error('no canvas')
    for (let i = 0; i < image.data.length; i += 1) image.data[i] = i % 4 === 3 ? 255 : Math.random() * 255
    context.putImageData(image, 0, 0)
    return noise
  }
  const film = (): MediaStreamTrack => {
    const clouds = [cloud(), cloud(), cloud()]
    const canvas = Object.assign(document.createElement('canvas'), size)
    const context = canvas.getContext('2d')
    if (context === null) throw new Error('no canvas')
    let frame = 0
    const draw = () => {
      frame += 1
      clouds.forEach((layer, index) => {
        context.globalAlpha = index === 0 ? 1 : 0.35 + 0.2 * Math.sin(frame / 7 + index)
        const [x, y] = [40 * Math.sin(frame / (11 + index)) - 40, 30 * Math.cos(frame / (13 - index)) - 30]
        context.drawImage(layer, x, y, size.width + 80, size.height + 60)
      })
    }
    draw()
    const timer = setInterval(draw, 1_000 / 15)
    const [track] = canvas.captureStream(15).getVideoTracks()
    if (track === undefined) throw new Error('no track')
    const stop = track.stop.bind(track)
    track.stop = () => {
      clearInterval(timer)
      stop()
    }
    return track
  }
  const platform = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices)
  navigator.mediaDevices.getUserMedia = async (constraints) =>
    constraints?.video ? new MediaStream([film()]) : platform(constraints)
}
