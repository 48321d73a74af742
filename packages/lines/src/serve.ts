import type { LinePlug, ServerPlug } from '@patchbay/plug'

/** Loads the server's half of a line. */
export async function loadServerPlug({ serve }: LinePlug): Promise<ServerPlug> {
  const { line } = (await import(serve)) as { readonly line: ServerPlug }
  return line
}
