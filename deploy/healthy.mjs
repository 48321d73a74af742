// Health check of a container: `node healthy.mjs /readyz` exits with 0 if its program answers there with a 2xx status.
const answer = await fetch(`http://127.0.0.1:${process.env.PORT}${process.argv[2]}`).catch(() => undefined)
process.exit(answer?.ok === true ? 0 : 1)
