import { bars, fill, shareBar } from './bars'
import { cover } from './cover'
import { funnel } from './funnel'
import { grade } from './grade'
import { mark } from './logo-mark'
import { need } from './need'
import { quizWalk } from './quiz-strip'
import { scoreBar, scoreMini, swatch } from './score-bar'
import { sparkline } from './sparkline'
import { step, walk } from './lesson-progress'

/** What a view draws with, as `page.draw`. Each function takes plain data and answers with an SVG. */
export const drawings = {
  bars,
  cover,
  fill,
  funnel,
  grade,
  mark,
  need,
  quizWalk,
  scoreBar,
  scoreMini,
  shareBar,
  sparkline,
  step,
  swatch,
  walk,
}
