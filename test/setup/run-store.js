// The process of a test store. It exits when its standard input closes, so that no process outlives its test.
const [, , code, folder] = process.argv

require(`${code}/start.js`)
  .startStore({
    folder,
    sweepSeconds: Number(process.env.LYCEUM_STORE_SWEEP ?? 30),
    socketFolder: process.env.LYCEUM_STORE_SOCKETS,
  })
  .then(store => {
    process.stdout.write(`${store.uri}\n`)
    process.stdin.resume()
    process.stdin.on('end', () => store.close().then(() => process.exit(0)))
  })
  .catch(error => {
    process.stderr.write(`${error.message}\n`)
    process.exit(1)
  })
