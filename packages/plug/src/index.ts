export type { LineHost, LinePerson, LineSource, Logger, NodeLinks, ServedLine } from './line-host.ts'
export type { LinePlug, LineTraits, PageSite } from './line-plug.ts'
export { type Environment, readableFile, serverPlug, type ServerPlug, wholeNumber } from './server-plug.ts'
