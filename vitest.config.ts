import { defineConfig } from 'vitest/config'

const project = (name: string, root: string) => ({
  extends: true as const,
  test: { name, root, include: ['test/**/*.test.{ts,tsx}'] },
})

/** Workspace packages are tested from their sources: no build comes first. */
const conditions = ['@patchbay/source', 'module', 'node', 'development|production']

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    environment: 'node',
    testTimeout: 20_000,
    projects: [
      project('protocol', 'packages/protocol'),
      project('core', 'packages/core'),
      project('transport-conformance', 'packages/transport-conformance'),
      project('transport-memory', 'packages/transport-memory'),
      project('transport-websocket', 'packages/transport-websocket'),
      project('react', 'packages/react'),
      project('server', 'apps/server'),
      project('repository', 'scripts'),
    ],
    reporters: ['default', ['json', { outputFile: 'reports/vitest.json' }]],
  },
})
