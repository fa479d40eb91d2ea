/** A problem in a course's files: where it is, and a message that says how to fix it. */
export type CourseFault = {
  /** Path within the course's folder, such as `02-write-it/01-x.md`; empty for the folder itself. */
  file: string
  /** Counted from 1; null when the problem isn't on a line. */
  line: number | null
  /** A translation key, such as `studio:faults.missing`. */
  key: string
  values: Record<string, string | number>
}

/** Thrown with every problem in a course's files at once. Nothing has been written. */
export class CourseFaults extends Error {
  constructor(readonly faults: CourseFault[]) {
    super(
      faults
        .map(({ file, line, key, values }) => `${file}:${line ?? ''} ${key} ${JSON.stringify(values)}`)
        .join('\n'),
    )
  }
}

export function courseFault(
  file: string,
  line: number | null,
  key: string,
  values: Record<string, string | number> = {},
): CourseFault {
  return { file, line, key, values }
}
