import { startServer } from '@patchbay/server'

await startServer({ port: Number(process.env.PORT ?? 4000) })
