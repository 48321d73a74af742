import { type ServerPlug, serverPlug } from '@patchbay/plug'
import * as v from 'valibot'
import { listenWebSocket } from './server.ts'

/** The line for servers; at `/ws`. */
export const line: ServerPlug = serverPlug({
  environment: v.object({}),
  open(_, host) {
    const path = `${host.base}/ws`
    return { path, listener: listenWebSocket({ ...host, path }) }
  },
})
