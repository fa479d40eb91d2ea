// The process of a test store. It exits when its standard input closes, so that no process outlives its test.
const [, , code, folder] = process.argv

require(`${code}/start.js`)
  .startStore({
    folder,
    // The store expires documents by the system clock, which is ahead of the clock that most tests set. So it sweeps
    // only for tests that ask for it.
    sweepSeconds: Number(process.env.LYCEUM_STORE_SWEEP ?? 86_400),
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
