import { execFile } from 'node:child_process'
import { chmod } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { findProgram } from './program.ts'

/** PEM files of a certificate that is its own authority. */
export interface CertificateFiles {
  readonly key: string
  readonly certificate: string
}

/** Makes a certificate for `localhost` in a folder. @returns `undefined` without OpenSSL. */
export async function createCertificate(folder: string): Promise<CertificateFiles | undefined> {
  const openssl = findProgram('openssl')
  if (openssl === undefined) return undefined
  const [key, certificate] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')]
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2']
  const name = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost']
  await promisify(execFile)(openssl, ['req', '-x509', ...kind, ...name, '-keyout', key, '-out', certificate])
  // The server may run as another user.
  await chmod(key, 0o644)
  return { key, certificate }
}
