/** An exchange of a line that is not served without one, as end-to-end tests start it. */
export interface Exchange {
  /** Environment of the signaling server. */
  readonly server: Readonly<Record<string, string>>
  /** Environment of the server that serves the page. */
  readonly page: Readonly<Record<string, string>>
  stop(): Promise<void>
}
