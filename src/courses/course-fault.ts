/** Something in a course's files that cannot be read: where it stands, and what would be right. */
export type CourseFault = {
  /** Path inside the course's folder, such as `02-write-it/01-x.md`; empty for the folder itself. */
  file: string
  /** Counted from 1; null where no line can be named. */
  line: number | null
  /** A key of the translations, such as `studio:faults.missing`. */
  key: string
  values: Record<string, string | number>
}

/** Everything that is wrong with a course's files, all of it at once. Nothing has been written. */
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
