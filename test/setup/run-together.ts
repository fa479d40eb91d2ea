import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { config } from '../../src/platform/config'

const tests = join(__dirname, '..')

/**
 * Runs the test files of some folders as one file for Jest, so that the app is loaded once for all of them and stays
 * warm: loading it takes longer than most of our tests. Each file's hooks, tests and settings stay its own.
 * With `part` of `parts`, only each so many files, because a group that takes long would be the last to end.
 */
export function runTogether(folders: string[], part = 1, parts = 1): void {
  const files = folders.flatMap(folder => testFilesIn(folder))
  for (const file of files.filter((_, n) => n % parts === part - 1)) {
    describe(file, () => {
      const before = copyOf(config)
      beforeAll(() => void Object.assign(config, ofFile))
      // Only this runs the file within `describe`.
      // eslint-disable-next-line @typescript-eslint/no-require-imports
      require(join(tests, file))
      const ofFile = copyOf(config)
      Object.assign(config, before)
      afterAll(() => void Object.assign(config, before))
    })
  }
}

/** Returns the test files directly in a folder of test, such as `academy/quiz.test.ts`. */
function testFilesIn(folder: string): string[] {
  const names = readdirSync(join(tests, folder)).filter(name => name.endsWith('.test.ts'))
  return names.sort().map(name => `${folder}/${name}`)
}

/** Returns the settings as they are now. */
function copyOf(settings: typeof config): typeof config {
  return { ...settings, stripe: { ...settings.stripe } }
}
