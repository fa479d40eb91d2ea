import type { CourseFault } from '../courses/course-fault'
import type { Texts } from '../web/texts'

/** Returns a summary of the faults in files and a sentence for each; null when there are none. */
export function faultsView(faults: CourseFault[], { t }: Texts) {
  if (!faults.length) return null
  return {
    title: t('studio:faults.title', { count: faults.length }),
    items: faults.map(({ file, line, key, values }) => {
      const text = t(key, values)
      if (!file) return { file, text }
      // Follows the file's name directly.
      return { file, text: `${line ? ` ${t('studio:faults.line', { line })}` : ''}: ${text}` }
    }),
  }
}

/** Returns what is wrong with files as one text. */
export function problemText(faults: CourseFault[], texts: Texts): string {
  return (faultsView(faults, texts)?.items ?? []).map(({ file, text }) => file + text).join(' ')
}
