import { accessSync, constants, statSync } from 'node:fs'
import * as v from 'valibot'
import type { LineHost, ServedLine } from './line-host.ts'

/** Schema of environment variables, with one entry for each. */
export type Environment<Values = unknown> = v.GenericSchema<unknown, Values> & { readonly entries: v.ObjectEntries }

/** What a server has to know of a transport. */
export interface ServerPlug<Values = unknown> {
  /** The variables it reads. Their messages follow the name, as in `MQTT_PORT: must be a whole number`. */
  readonly environment: Environment<Values>
  /** Opens it on a server. @throws for example when a port is in use. */
  open(values: Values, host: LineHost): ServedLine | Promise<ServedLine>
}

/** Gives the values of `open` the types of the schema. */
export function serverPlug<Values>(plug: ServerPlug<Values>): ServerPlug<Values> {
  return plug
}

/** A variable that is a whole number. */
export function wholeNumber(min: number, max: number): v.GenericSchema<string, number> {
  return v.pipe(
    v.string(),
    v.regex(/^\d{1,9}$/, 'must be a whole number'),
    v.transform(Number),
    v.minValue(min, `must be at least ${min}`),
    v.maxValue(max, `must be at most ${max}`),
  )
}

/** A variable that is the path of a file, which this process can read. */
export function readableFile(): v.GenericSchema<string, string> {
  return v.pipe(v.string(), v.check(isReadableFile, 'must be a file that can be read'))
}

function isReadableFile(path: string): boolean {
  try {
    accessSync(path, constants.R_OK)
    return statSync(path).isFile()
  } catch {
    return false
  }
}
