import type { Room } from '@patchbay/room'
import { recording, startRecording, stopRecording } from '@/lib/recording/recording'
import { sceneOf } from '@/lib/recording/scene'
import { shownPlan } from '@/lib/stage-choice'

/** Begins a recording of what is on this page, or ends it. @param as the person's name and the room's title. */
export function toggleRecording(room: Room, as: { readonly name: string; readonly title: string }): void {
  const { status } = recording.getSnapshot()
  if (status === 'recording' || status === 'starting') return stopRecording()
  const { mesh, client, devices, outgoing, pictures, recordings } = room
  const look = () =>
    sceneOf({
      name: as.name,
      self: client.self ?? as.name,
      peers: mesh.getSnapshot().filter(({ info }) => info.capabilities.media),
      local: devices?.getSnapshot(),
      prefersSound: pictures.prefersSound.getSnapshot(),
      sent: outgoing.sent,
      plan: shownPlan.getSnapshot(),
    })
  startRecording({ look, announce: (isRecording) => recordings.raise(isRecording), title: as.title })
}
