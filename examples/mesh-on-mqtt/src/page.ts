// A page that chats on the topics of a broker: `index.html#<broker url>&<room>&<name>`.
import { Mesh } from '@patchbay/core/mesh'
import { MqttSignaling } from './mqtt-signaling.ts'

const [url = '', room = '', name = ''] = location.hash.slice(1).split('&').map(decodeURIComponent)
const signaling = new MqttSignaling(url)
const mesh = new Mesh({
  signaling,
  entry: { room, name },
  createPeerConnection: (configuration) => new RTCPeerConnection(configuration),
})
const [people, log, form] = ['people', 'log', 'form'].map((id) => document.getElementById(id))
mesh.subscribe(() => {
  people?.replaceChildren(
    mesh
      .getSnapshot()
      .map(({ info, link }) => `${info.name}: ${link.phase}`)
      .join(', '),
  )
})
mesh.chat.subscribe(() => {
  const lines = mesh.chat
    .getSnapshot()
    .map((entry) => ('text' in entry ? `${entry.name}: ${entry.text}` : `${entry.name} ${entry.kind}`))
  log?.replaceChildren(lines.join('\n'))
})
form?.addEventListener('submit', (event) => {
  event.preventDefault()
  const input = form.querySelector('input')
  if (input !== null && mesh.chat.send(input.value) === 'sent') input.value = ''
})
window.addEventListener('pagehide', () => signaling.close())
