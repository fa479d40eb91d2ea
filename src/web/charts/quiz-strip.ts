import { element, escapeText } from './svg'

/** A square for each question of a topic, filled for those answered right. Always beside the same in words. */
export function topicSquares({
  right,
  total,
  rtl = false,
}: {
  right: number
  total: number
  rtl?: boolean
}): string {
  const width = total * 18
  let [done, open] = ['', '']
  for (let n = 0; n < total; n++) {
    const x = rtl ? width - n * 18 - 14 : n * 18
    if (n < right) done += `M${x} 0h14v14h-14z`
    else open += `M${x + 0.5} .5h13v13h-13z`
  }
  return element(
    'svg',
    { class: 'topic-squares', width, height: 14, viewBox: `0 0 ${width} 14`, 'aria-hidden': 'true' },
    (done && element('path', { class: 'progress-done', d: done })) +
      (open && element('path', { class: 'progress-todo', d: open })),
  )
}

type QuizStrip = { answers: ('correct' | 'incorrect')[]; label: string; rtl?: boolean }

/** The result of a quiz as a row of columns: full for a correct answer, dashed for an incorrect one, numbers below. */
export function quizStrip({ answers, label, rtl = false }: QuizStrip): string {
  const isDense = answers.length > 14
  const pitch = isDense ? 24 : 33
  const column = isDense ? 14 : 20
  const width = answers.length * pitch
  let correct = ''
  let incorrect = ''
  const numbers = answers.map((answer, n) => {
    const left = n * pitch + (pitch - column) / 2
    const x = rtl ? width - left - column : left
    if (answer === 'correct') correct += `M${x} 6h${column}v32h-${column}z`
    else incorrect += `M${x + 1} 7h${column - 2}v30h-${column - 2}z`
    const className = answer === 'incorrect' ? 'progress-number-incorrect' : undefined
    return element(
      'text',
      { x: x + column / 2, y: 54, 'text-anchor': 'middle', class: className },
      String(n + 1),
    )
  })
  const frame = { class: 'quiz-strip chart', width, height: 56, viewBox: `0 0 ${width} 56`, role: 'img' }
  return element(
    'svg',
    { ...frame, 'aria-label': escapeText(label) },
    `<path class="g-ink" d="M0 0h${width}v3H0zM0 38h${width}v1.5H0z"/>` +
      (correct && element('path', { class: 'progress-done', d: correct })) +
      (incorrect && element('path', { class: 'progress-incorrect', d: incorrect })) +
      numbers.join(''),
  )
}
