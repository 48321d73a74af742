import { type ServerPlug, serverPlug } from '@patchbay/plug'
import * as v from 'valibot'
import { listenLongPoll } from './server.ts'

/** The line for servers; at `/poll`. */
export const line: ServerPlug = serverPlug({
  environment: v.object({}),
  open(_, host) {
    const path = `${host.base}/poll`
    const { perSecond, burst } = host.limits.traffic
    // A code unit takes three bytes at most, and as JSON some take more.
    const rate = { perSecond: 4 * perSecond, burst: 4 * burst }
    return { path, listener: listenLongPoll({ ...host, path, rate }) }
  },
})
