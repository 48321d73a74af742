import type { AcceptedConnection } from '@patchbay/core/transport'
import type { LineTraits } from '@patchbay/plug'
import { type RecordedEnd, Recorder, RecordingServer } from './recorder.ts'
import type { Rig } from './rig.ts'

/** The environment in which a rule is tested. */
export interface World {
  readonly rig: Rig
  readonly traits: LineTraits
  /** How long to wait for an expected event, in milliseconds. */
  readonly waitMs: number
  readonly serve: (onAccept?: (connection: AcceptedConnection) => void) => RecordingServer
  readonly dial: (signal?: AbortSignal, heard?: Recorder) => Promise<RecordedEnd>
  /** Starts a server and connects one client, on the server's first line. */
  readonly connect: () => Promise<{
    readonly server: RecordingServer
    readonly client: RecordedEnd
    readonly far: RecordedEnd<AcceptedConnection>
  }>
}

/** One rule of the contract, with its test. `run` rejects when the transport breaks the rule. */
export interface Rule {
  readonly id: string
  readonly title: string
  readonly run: (world: World) => Promise<void>
}

/** Creates the environment for a rule from a fresh rig. */
export function createWorld(rig: Rig, traits: LineTraits, waitMs: number): World {
  const serve: World['serve'] = (onAccept) => new RecordingServer(rig.listener, waitMs, onAccept)
  const dial: World['dial'] = async (signal = new AbortController().signal, heard = new Recorder(waitMs)) => {
    return { connection: await rig.dialer.dial(heard, { signal }), heard }
  }
  const connect: World['connect'] = async () => {
    const server = serve()
    const client = await dial()
    return { server, client, far: await server.line(0) }
  }
  return { rig, traits, waitMs, serve, dial, connect }
}
