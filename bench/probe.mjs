// Loaded into every measured server by `--import`: tells the bench what the process has used.
process.channel?.unref()
process.on('message', (request) => {
  if (request === 'collect') globalThis.gc?.()
  const { user, system } = process.cpuUsage()
  process.send?.({ cpuMicros: user + system, rssBytes: process.memoryUsage.rss() })
})
process.on('disconnect', () => process.exit())
