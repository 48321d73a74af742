import type { Dialer, GetCredentials } from '@patchbay/core/transport'

/** The deployment that a page belongs to. */
export interface PageSite {
  /** The signaling server, `http:` or `https:`, without a slash at its end. */
  readonly server: string
  /** Environment variables of the server that serves the page. */
  readonly environment: Readonly<Record<string, string | undefined>>
}

/** What lines promise beyond the contract, each in its own measure. The kit holds them to it. */
export interface LineTraits {
  /** Longest time until a broken line is reported `lost` at both ends (T10), in milliseconds. */
  readonly lostWithinMs: number
}

/** What a page has to know of a transport. The module that exports it must run in a browser and be small. */
export interface LinePlug<Settings = unknown> {
  /** As in {@link Dialer.name}, in `LINES` and in the tests. */
  readonly name: string
  /** Name shown to people. */
  readonly label: string
  /** Whether its code is fetched before it is needed, when the network may be down. Not where that is a large library. */
  readonly ahead: boolean
  readonly traits: LineTraits
  /**
   * What the page needs in order to dial. Called where the page is served, and sent to it as JSON: every visitor can read it.
   * @returns `undefined` when this deployment has no such line.
   * @throws {Error} that names the variable that cannot be.
   */
  settings(site: PageSite): Settings | undefined
  /** Where the line goes, for the page's content security policy: origins such as `wss://broker.example`. */
  origins(settings: Settings): readonly string[]
  /**
   * `preload` fetches its code in advance. `credentials` gets those of whoever dials, where the line has some on the server
   * (`credentials` of a `ServedLine`): ask for them in each dial.
   */
  dialer(settings: Settings, credentials: GetCredentials): Dialer & { preload?(): Promise<void> }
  /** Module whose export `line` is the {@link ServerPlug}: loaded by a server, and only there. */
  readonly serve: string
}
