import { type ServerPlug, serverPlug } from '@patchbay/plug'
import * as v from 'valibot'
import { listenSse } from './server.ts'

/** The line for servers; at `/sse`. */
export const line: ServerPlug = serverPlug({
  environment: v.object({}),
  open(_, host) {
    const path = `${host.base}/sse`
    return { path, listener: listenSse({ ...host }) }
  },
})
