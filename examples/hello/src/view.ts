// The page itself, which knows nothing of rooms: a log, a text field, a button and pictures.
const find = (id: string) => document.querySelector(`#${id}`)!

export function showLine(line: string): void {
  const item = document.createElement('li')
  item.textContent = line
  find('log').append(item)
}

export function showPictures(streams: readonly (MediaStream | undefined)[]): void {
  const shown = streams.filter((stream) => stream !== undefined)
  const videos = [...find('pictures').querySelectorAll('video')]
  for (const video of videos) if (!shown.includes(video.srcObject as MediaStream)) video.remove()
  for (const stream of shown.filter((one) => !videos.some(({ srcObject }) => srcObject === one))) {
    const video = document.createElement('video')
    Object.assign(video, { srcObject: stream, autoplay: true, muted: true, playsInline: true })
    find('pictures').append(video)
  }
}

/** @param say whether a text was sent. One that was not stays in the field. */
export function onText(name: string, say: (text: string) => boolean): void {
  find('form').addEventListener('submit', (event) => {
    event.preventDefault()
    const field = find('text') as HTMLInputElement
    if (!say(field.value)) return
    showLine(`${name}: ${field.value}`)
    field.value = ''
  })
}

export function onCamera(turnOn: () => void): void {
  find('camera').addEventListener('click', turnOn)
}

// Back and Forward may show the page as it was left, without whatever it had open.
window.addEventListener('pageshow', ({ persisted }) => persisted && location.reload())
