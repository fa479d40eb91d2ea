import { randomBytes } from 'node:crypto'
import { parseArgs } from 'node:util'

/**
 * Checks the folder of a course as the studio does, for continuous integration. The exit code is 0 without errors, 1
 * with errors (with `--strict`, with warnings too), and 2 when the folder can't be opened.
 */
const usage = `npm run check-course -- FOLDER [options]

  --json    prints the findings as JSON
  --links   opens the links to other sites too, at most one per host and second
  --strict  warnings count as errors
`

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      json: { type: 'boolean', default: false },
      links: { type: 'boolean', default: false },
      strict: { type: 'boolean', default: false },
    },
  })
  const [folder, more] = positionals
  if (folder === undefined || more !== undefined) {
    process.stderr.write(usage)
    return 2
  }
  // The check reads no secret; without these, the settings would make some and store them.
  process.env.SESSION_SECRET ??= randomBytes(32).toString('hex')
  process.env.ENCRYPTION_KEY ??= randomBytes(32).toString('base64')
  const { config } = await import('../src/platform/config')
  const { checkFolder } = await import('../src/courses/check-folder')
  const { countLevels } = await import('../src/courses/check-course')
  const { reportAsJson, reportAsText } = await import('../src/studio/check-report')
  const { translatorsFor } = await import('../src/web/i18n')
  const { t } = translatorsFor('en')
  if (values.links) config.outsideLinks = 'public'
  const check = await checkFolder(folder, values.links)
  process.stdout.write(values.json ? reportAsJson(check, t) : reportAsText(folder, check, t))
  const { errors, warnings } = countLevels(check.findings)
  return errors || (values.strict && warnings) ? 1 : 0
}

main().then(
  code => {
    process.exitCode = code
  },
  (error: Error) => {
    process.stderr.write(`${error.message}\n`)
    process.exitCode = 2
  },
)
