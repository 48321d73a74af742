import { type ServerPlug, serverPlug } from '@patchbay/plug'
import * as v from 'valibot'
import { bodyRateOf } from './body-rate.ts'
import { listenLongPoll } from './server.ts'

/** The line for servers; at `/poll`. */
export const line: ServerPlug = serverPlug({
  environment: v.object({}),
  open(_, host) {
    const path = `${host.base}/poll`
    return { path, listener: listenLongPoll({ ...host, path, rate: bodyRateOf(host.limits.traffic) }) }
  },
})
