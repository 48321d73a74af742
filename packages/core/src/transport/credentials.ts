import { DialError } from './dial-error.ts'
import { untilAborted } from './until-aborted.ts'

/**
 * Gets the credentials of one person for one dial of a line.
 * @returns what the line's `credentials` has made on the server.
 * @throws {DialError} when the server gives none; or the signal's reason when it is aborted.
 */
export type GetCredentials = (options: { readonly signal: AbortSignal }) => Promise<unknown>

/** Whom to ask for credentials, and for whom. */
export interface CredentialsOptions {
  /** URL below which the server's lines are, `http:` or `https:`, without a slash at its end. */
  readonly server: string
  /** Name of the line. */
  readonly line: string
  /** Says who this is, where the server asks (`authorize`): as for the session. */
  readonly token?: () => string | Promise<string>
}

/** Asks the server for credentials before each dial: they may be short-lived, and are for whom the token is. */
export function askForCredentials({ server, line, token }: CredentialsOptions): GetCredentials {
  return async ({ signal }) => {
    signal.throwIfAborted()
    let status: number
    try {
      // Text, so that a browser asks for no leave first; and no cookies, which would say who this is to nobody who asks.
      const body = await untilAborted(Promise.resolve(token?.() ?? ''), signal)
      const url = `${server}/credentials/${line}`
      const response = await fetch(url, { method: 'POST', body, signal, credentials: 'omit', cache: 'no-store' })
      if (response.ok) return await response.json()
      status = response.status
    } catch (cause) {
      signal.throwIfAborted()
      throw new DialError(line, `The server could not be asked for credentials of the line ${line}.`, { cause })
    }
    const failure = status === 401 || status === 403 ? 'refused' : status === 404 ? 'unusable' : 'unreachable'
    throw new DialError(line, `The server gives no credentials for the line ${line}: it answered ${status}.`, {
      failure,
    })
  }
}
