// Writes the reference of what the packages export, from their docstrings: `pnpm reference`. Fails when a link leads nowhere.
import { Application, Converter, LogLevel, ReflectionKind } from 'typedoc'
import { entries } from './entries.mjs'

process.chdir(import.meta.dirname)
const out = '../../reports/reference'
const app = await Application.bootstrap({
  name: 'Patchbay',
  entryPoints: [...entries.keys()],
  tsconfig: 'tsconfig.json',
  readme: 'none',
  excludeInternal: true,
  excludePrivate: true,
  disableSources: true,
  validation: { notExported: false, invalidLink: true, invalidPath: true, rewrittenLink: true },
  treatValidationWarningsAsErrors: true,
  // Types inferred from schemas have each of their comments several times, of which TypeDoc would tell.
  logLevel: LogLevel.Error,
})
app.converter.on(Converter.EVENT_CREATE_DECLARATION, (context, reflection) => {
  if (!reflection.kindOf(ReflectionKind.Module)) return
  const file = context.getSymbolFromReflection(reflection)?.declarations?.[0]?.getSourceFile().fileName
  reflection.name = entries.get(file ?? '') ?? reflection.name
})
const project = await app.convert()
app.logger.resetWarnings()
app.logger.level = LogLevel.Warn
if (project !== undefined) {
  app.validate(project)
  await app.generateDocs(project, out)
}
const isSound = project !== undefined && !app.logger.hasErrors() && !app.logger.hasWarnings()
process.exitCode = isSound ? 0 : 1
