/** Cache in which the service worker keeps what another app has shared with the page, until it is sent or thrown away. */
export const SHARED = 'shared'
/** Where other apps send what they share (Web Share Target). */
export const SHARE_PATH = '/share'
/** Under which the text is kept; the files are beside it. */
export const TEXT_PATH = `${SHARE_PATH}/text`
/** As many as a person may have offered at once. */
export const MAX_SHARED_FILES = 32
