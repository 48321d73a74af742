// MQTT is measured where it is among the lines.
import { plugs } from '@patchbay/lines'

const plug = plugs.find(({ name }) => name === 'mqtt')

/** Makes a dialer for the URL of a broker; `undefined` where there is no such line. */
export const dialMqtt = plug && ((url) => plug.dialer({ url }, () => Promise.reject(new Error('There are none.'))))
