import { escapeText } from './svg'

type QuizStrip = { answers: ('right' | 'wrong')[]; label: string; rtl?: boolean }

/** The result of a quiz as a walk: a full column per right answer, a dashed one per wrong answer, its number below. */
export function quizStrip({ answers, label, rtl = false }: QuizStrip): string {
  const pitch = answers.length > 14 ? 24 : 33
  const wide = answers.length > 14 ? 14 : 20
  const width = answers.length * pitch
  let right = ''
  let wrong = ''
  const numbers = answers.map((answer, n) => {
    const left = n * pitch + (pitch - wide) / 2
    const x = rtl ? width - left - wide : left
    if (answer === 'right') right += `M${x} 6h${wide}v32h-${wide}z`
    else wrong += `M${x + 1} 7h${wide - 2}v30h-${wide - 2}z`
    return `<text x="${x + wide / 2}" y="54" text-anchor="middle"${answer === 'wrong' ? ' class="w-number-wrong"' : ''}>${n + 1}</text>`
  })
  return (
    `<svg class="quiz-walk chart" width="${width}" height="56" viewBox="0 0 ${width} 56" role="img" aria-label="${escapeText(label)}">` +
    `<path class="g-ink" d="M0 0h${width}v3H0zM0 38h${width}v1.5H0z"/>` +
    (right && `<path class="w-done" d="${right}"/>`) +
    (wrong && `<path class="w-wrong" d="${wrong}"/>`) +
    `${numbers.join('')}</svg>`
  )
}
