import { fill, shareBar } from './bars'
import { cover } from './cover'
import { dailyBars } from './daily-bars'
import { dropOff } from './drop-off'
import { funnel } from './funnel'
import { gradeGrid } from './grade-grid'
import { interval, intervalScale } from './interval'
import { logoMark } from './logo-mark'
import { need } from './need'
import { quizStrip } from './quiz-strip'
import { scoreHistory } from './score-history'
import { scoreDistribution, scoreMove } from './score-distribution'
import { scoreBar, scoreMini, swatch } from './score-bar'
import { sparkline } from './sparkline'
import { weeklyLoad } from './weekly-load'
import { progressStep, lessonProgress } from './lesson-progress'

/** The charts that views use, as `page.chart`. Each function takes plain data and returns an SVG. */
export const charts = {
  cover,
  dailyBars,
  dropOff,
  fill,
  funnel,
  gradeGrid,
  interval,
  intervalScale,
  logoMark,
  need,
  quizStrip,
  scoreBar,
  scoreDistribution,
  scoreHistory,
  scoreMini,
  scoreMove,
  shareBar,
  sparkline,
  progressStep,
  swatch,
  lessonProgress,
  weeklyLoad,
}
