import { element, escapeText } from './svg'

type StepState = 'done' | 'current' | 'todo'
type LessonProgressChart = { lessons: { state?: StepState }[]; begun?: boolean; label: string; rtl?: boolean }

/** A learner's progress in a course, one column per lesson. Always show the same in words next to it. */
export function lessonProgress({ lessons, begun = true, label, rtl = false }: LessonProgressChart): string {
  const pitch = lessons.length > 10 ? 14 : 20
  const width = Math.max(lessons.length, 1) * pitch
  const columns: Record<StepState | 'still', string> = { done: '', current: '', todo: '', still: '' }
  lessons.forEach((lesson, n) => {
    const state = begun ? (lesson.state ?? 'todo') : 'still'
    const left = n * pitch + pitch / 2 - 4
    const x = rtl ? width - left - 8 : left
    columns[state] += state === 'done' || state === 'still' ? `M${x} 4h8v20h-8z` : `M${x + 0.5} 4.5h7v19h-7z`
  })
  const paths = Object.entries(columns).map(([state, d]) => d && `<path class="progress-${state}" d="${d}"/>`)
  const frame = { class: 'lesson-progress', width, height: 25, viewBox: `0 0 ${width} 25`, role: 'img' }
  return element(
    'svg',
    { ...frame, 'aria-label': escapeText(label) },
    `<path class="progress-beam" d="M0 0h${width}v2.5H0z"/>` +
      `<path class="progress-base" d="M0 24h${width}v1H0z"/>${paths.join('')}`,
  )
}

/** One column of the progress chart, in front of a lesson's name in the outline. */
export function progressStep(state: StepState): string {
  const shape = state === 'done' ? 'M1.5 0h8v15h-8z' : 'M2 .5h7v14H2z'
  return `<svg class="step" viewBox="0 0 11 15" aria-hidden="true"><path class="progress-${state}" d="${shape}"/></svg>`
}
