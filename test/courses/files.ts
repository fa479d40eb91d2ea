import { readdirSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { CourseFile } from '../../src/courses/unzip'

/** The course folders of the demo. */
const homes = ['courses', 'tarnwell/courses'].map(home => resolve(__dirname, '../../scripts/demo', home))
export const demoFolders = homes
  .flatMap(home => readdirSync(home).map(name => join(home, name)))
  .filter(folder => statSync(folder).isDirectory() && readdirSync(folder).includes('course.yml'))

/** The files of a small valid course. `texts` replaces files by path; null removes one. */
export function courseFiles(texts: Record<string, string | null> = {}): CourseFile[] {
  const files: Record<string, string | null> = {
    'course.yml': 'title: Seals\ntopic: operations\nsummary: What keeps water in.\n',
    '01-begin/module.yml': 'title: Begin\n',
    '01-begin/01-what-leaks.md':
      '---\ntitle: What leaks\nminutes: 2\npreview: true\n---\nWater finds a way.\n',
    '01-begin/02-check.md':
      '---\ntitle: Check\nminutes: 1\nkind: quiz\npassMark: 80\n---\n```quiz\nid: q1\nkind: single\nprompt: Wet?\nchoices:\n  - content: Yes\n    isCorrect: true\n    explanation: It leaks.\n  - content: No\n    explanation: Look again.\n```\n',
    ...texts,
  }
  return Object.entries(files).flatMap(([path, text]) =>
    text === null ? [] : { path: `seals/${path}`, bytes: Buffer.from(text) },
  )
}

/** An image of 2 × 1 pixels. */
export const png = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAIAAAABCAIAAAB7QOjdAAAACXBIWXMAAAPoAAAD6AG1e1JrAAAAD0lEQVQImWP4z8Dwn4EBAAj+Af/KOtJRAAAAAElFTkSuQmCC',
  'base64',
)
