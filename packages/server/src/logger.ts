/** The part of pino's loggers that is used; any logger with these methods will do. */
export interface Logger {
  info(what: object, message: string): void
  error(what: object, message: string): void
}
