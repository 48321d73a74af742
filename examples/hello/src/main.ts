import { joinRoom } from '@patchbay/room'
import { onCamera, onText, showLine, showPictures } from './view.ts'

const {
  server = 'http://localhost:4000',
  room: id = 'hello',
  name = 'Ada',
} = Object.fromEntries(new URLSearchParams(location.search))
const room = joinRoom({ server, room: id, name })

room.onMessage((text, from) => showLine(`${from.name}: ${text}`))
room.peers.subscribe(() => showPictures(room.peers.getSnapshot().map(({ stream }) => stream)))
onText(name, (text) => room.send(text) === 'sent')
onCamera(() => room.camera.turnOn())
