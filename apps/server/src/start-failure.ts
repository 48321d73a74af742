/**
 * What the operator is told of a server that does not start.
 * @param environment the variables that it was started with.
 * @returns `undefined` for an error that no setting caused.
 */
export function explainFailure(
  error: unknown,
  config: { readonly port: number; readonly host: string | undefined },
  environment: Readonly<Record<string, string | undefined>>,
): string | undefined {
  const { code = '', port = config.port, syscall } = error as NodeJS.ErrnoException & { readonly port?: number }
  // A link-local address without its zone is invalid.
  const isNoAddress = ['ENOTFOUND', 'EAI_AGAIN', 'EADDRNOTAVAIL', 'EINVAL'].includes(code)
  if (isNoAddress && (syscall === 'listen' || syscall === 'getaddrinfo'))
    return `The configuration is invalid.\nHOST: "${config.host}" is not an address of this machine`
  const variable = port === config.port ? 'PORT' : (nameOf(port, environment) ?? "the line's own port")
  if (code === 'EADDRINUSE')
    return `Port ${port} is in use. Stop the program that uses it, or set ${variable} to a free port.`
  if (code === 'EACCES')
    return `Port ${port} may not be opened by this user: low ports are for the administrator. Set ${variable} to 1024 or higher.`
  return undefined
}

/** The variable that asks for a port. */
function nameOf(port: number, environment: Readonly<Record<string, string | undefined>>): string | undefined {
  return Object.keys(environment).find((name) => name.endsWith('_PORT') && environment[name] === String(port))
}
