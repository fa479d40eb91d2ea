import { defineKind } from '../lesson-kind'
import { readingMinutes } from '../../reading-minutes'

/** Text with images and practice questions. */
export const text = defineKind({
  name: 'text',
  icon: 'article',
  fields: {},
  completions: { read: 'marked' },
  questions: 'practice',
  fileTypes: [],
  views: { lesson: null, preview: null, settings: null },
  scripts: [],
  minutes: readingMinutes,
  check: () => [],
})
