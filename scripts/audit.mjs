// Fails when a package that the academy runs with has a known vulnerability of high or critical severity. A registry
// without advisories, or none at all, is reported: without its answer nothing is known.
import { spawnSync } from 'node:child_process'

const { stdout } = spawnSync('npm', ['audit', '--omit=dev', '--json'], { encoding: 'utf8', timeout: 60_000 })
const report = reportIn(stdout)
const { high, critical } = report?.metadata?.vulnerabilities ?? {}
if (high === undefined) {
  console.log('skipped: the package registry answers no questions about vulnerabilities')
} else if (high + critical) {
  for (const { name, severity, range, via } of Object.values(report.vulnerabilities)) {
    const causes = via.map(cause => (typeof cause === 'string' ? cause : `${cause.title} ${cause.url}`))
    console.log(`${severity}: ${name} ${range}\n  ${causes.join('\n  ')}`)
  }
  process.exit(1)
}

function reportIn(text) {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
