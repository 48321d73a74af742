/** Some variables are invalid. The message names each and says what it must be. */
export class ConfigError extends Error {
  override readonly name: string = 'ConfigError'
}
