/** Size of the film, in pixels. */
export const filmSize = { width: 640, height: 360 } as const
/** Parts of it: left, top, width and height. The face is what is between hair, eyebrows and chin. */
export const filmParts = { wall: [16, 40, 150, 120], face: [285, 120, 70, 80] } as const

/**
 * Runs in a page before its own scripts: its camera shows someone drawn, with head and shoulders, in front of a wall of small
 * squares. Lights on the wall go on and off, so that every frame differs; the person keeps still. After `turnCamera()` on the page
 * it films the middle only, as high as wide.
 */
export function filmPerson(): void {
  const canvas = document.createElement('canvas')
  canvas.width = 640
  canvas.height = 360
  Object.assign(window, { turnCamera: () => (canvas.width = 360) })
  const drawWall = (context: CanvasRenderingContext2D) => {
    for (let y = 0; y < 360; y += 8)
      for (let x = 0; x < 640; x += 8) {
        context.fillStyle = (x + y) % 16 === 0 ? '#c4cdbf' : '#55614f'
        context.fillRect(x, y, 8, 8)
      }
  }
  const paint = (
    context: CanvasRenderingContext2D,
    style: string | CanvasGradient,
    draw: (to: CanvasRenderingContext2D) => void,
  ) => {
    context.beginPath()
    draw(context)
    context.fillStyle = style
    context.fill()
  }
  const round = (x: number, y: number, rx: number, ry: number) => (to: CanvasRenderingContext2D) =>
    to.ellipse(x, y, rx, ry, 0, 0, 2 * Math.PI)
  const drawPerson = (context: CanvasRenderingContext2D) => {
    const shirt = context.createLinearGradient(150, 230, 490, 360)
    for (const [at, color] of ['#3a4f7a', '#4d679c', '#2c3c5e'].entries()) shirt.addColorStop(at / 2, color)
    paint(context, shirt, (to) => {
      to.moveTo(130, 360)
      to.bezierCurveTo(135, 270, 200, 255, 270, 240)
      to.lineTo(370, 240)
      to.bezierCurveTo(440, 255, 505, 270, 510, 360)
    })
    paint(context, '#b98265', (to) => {
      to.moveTo(284, 190)
      to.lineTo(276, 246)
      to.quadraticCurveTo(320, 285, 364, 246)
      to.lineTo(356, 190)
    })
    paint(context, '#2e1f17', round(320, 125, 82, 96))
    const skin = context.createRadialGradient(305, 130, 10, 320, 140, 100)
    for (const [at, color] of ['#edbf9f', '#d59f80', '#b27d60'].entries()) skin.addColorStop(at / 2, color)
    paint(context, skin, round(320, 145, 64, 84))
    paint(context, '#2e1f17', (to) => to.ellipse(320, 84, 66, 34, 0, Math.PI, 2 * Math.PI))
    for (const side of [-1, 1]) {
      paint(context, skin, round(320 + 66 * side, 150, 10, 18))
      paint(context, '#fff', round(320 + 26 * side, 138, 13, 7))
      paint(context, '#4a2f1d', round(320 + 26 * side, 138, 6, 6))
      paint(context, '#2e1f17', (to) => to.rect(320 + 26 * side - 15, 116, 30, 5))
    }
    paint(context, '#a06b50', (to) => to.rect(312, 168, 16, 6))
    paint(context, '#a8514b', round(320, 199, 23, 7))
  }
  const film = (): MediaStreamTrack => {
    const context = canvas.getContext('2d')
    if (context === null) throw new Error('no canvas')
    let isLit = false
    const draw = () => {
      isLit = !isLit
      context.setTransform(1, 0, 0, 1, (canvas.width - 640) / 2, 0)
      drawWall(context)
      context.fillStyle = isLit ? '#fff' : '#000'
      for (const [x, y] of [
        [560, 40],
        [150, 180],
      ] as const)
        context.fillRect(x, y, 16, 16)
      drawPerson(context)
    }
    draw()
    const timer = setInterval(draw, 1_000 / 12)
    const [track] = canvas.captureStream(12).getVideoTracks()
    if (track === undefined) throw new Error('no track')
    const stop = track.stop.bind(track)
    track.stop = () => {
      clearInterval(timer)
      stop()
    }
    return track
  }
  const { mediaDevices } = navigator
  const ask = mediaDevices.getUserMedia.bind(mediaDevices)
  mediaDevices.getUserMedia = (constraints) =>
    constraints?.video ? Promise.resolve(new MediaStream([film()])) : ask(constraints)
}
