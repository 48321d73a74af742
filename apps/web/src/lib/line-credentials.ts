// Apart, so that it is fetched only with a line that needs it.
export { askForCredentials } from '@patchbay/core/transport'
