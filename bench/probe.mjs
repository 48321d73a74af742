// Loaded into every measured server by `--import`: reports the CPU time and memory of the process.
process.channel?.unref()
process.on('message', (request) => {
  if (request === 'collect') globalThis.gc?.()
  const { user, system } = process.cpuUsage()
  process.send?.({ cpuMicros: user + system, rssBytes: process.memoryUsage.rss() })
})
process.on('disconnect', () => process.exit())
