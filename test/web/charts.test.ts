import { columnShadesOf } from '../../src/brand/colour'
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fill, shareBar } from '../../src/web/charts/bars'
import { dailyBars } from '../../src/web/charts/daily-bars'
import { columnsOf, cover, palettesOf, type Column } from '../../src/web/charts/cover'
import { funnel } from '../../src/web/charts/funnel'
import { gradeGrid } from '../../src/web/charts/grade-grid'
import { quizStrip } from '../../src/web/charts/quiz-strip'
import { scoreBar, scoreMini } from '../../src/web/charts/score-bar'
import { sparkline } from '../../src/web/charts/sparkline'
import { weeklyLoad } from '../../src/web/charts/weekly-load'
import { lessonProgress } from '../../src/web/charts/lesson-progress'
import { icon } from '../../src/web/icon'

const evidence: Column[] = [6, 10, 13, 9, 15, 8, 9].map((minutes, n) => ({ minutes, blue: n === 0 }))

describe('a cover', () => {
  test('gives every lesson a column as wide as the lesson is long', () => {
    const columns = columnsOf(evidence, 640)
    expect(columns).toHaveLength(7)
    expect(columns.reduce((sum, one) => sum + one.w, 0)).toBeCloseTo(0.45 * 640, -1)
    expect(columns[4]!.w / columns[0]!.w).toBeCloseTo(15 / 6, 1)
    expect(Math.max(...columnsOf([{ minutes: 90 }, { minutes: 1 }], 640).map(one => one.w))).toBe(90)
  })

  test('spaces columns by equal gaps, with half a gap at both ends', () => {
    const columns = columnsOf(evidence, 640)
    const gaps = columns.slice(1).map((one, n) => one.x - columns[n]!.x - columns[n]!.w)
    expect(Math.max(...gaps) - Math.min(...gaps)).toBeLessThanOrEqual(1)
    expect(columns[0]!.x).toBeCloseTo(gaps[0]! / 2, -1)
    expect(columns.at(-1)!.x + columns.at(-1)!.w + columns[0]!.x).toBeCloseTo(640, -1)
  })

  test('takes at most 1.8 kB, and with both drawings of a course page at most 3.6 kB', () => {
    const lessons = Array.from({ length: 11 }, (_, n) => ({ minutes: 8 + n, blue: n < 2 }))
    expect(cover({ id: 'scale', lessons }).length).toBeLessThanOrEqual(1800)
    expect(
      cover({ id: 'evidence', lessons: evidence, format: 'head', walkers: true }).length,
    ).toBeLessThanOrEqual(3600)
  })

  test('is mirrored on a page that runs from right to left', () => {
    const xs = (svg: string) =>
      [...svg.matchAll(/M(-?[\d.]+) [\d.]+h([\d.]+)v/g)].map(([, x, w]) => [Number(x), Number(w)])
    const ltr = xs(cover({ id: 'evidence', lessons: evidence }))
    const rtl = xs(cover({ id: 'evidence', lessons: evidence, rtl: true }))
    expect(rtl).toEqual(ltr.map(([x, w]) => [640 - x! - w!, w]))
  })

  test('is always the same for the same course, with colours from the stylesheet', () => {
    const svg = cover({ id: 'evidence', topic: 'sales', lessons: evidence })
    expect(cover({ id: 'evidence', topic: 'sales', lessons: evidence })).toBe(svg)
    expect(svg).not.toMatch(/style|#[0-9a-f]{3}/)
    expect(svg).toContain('aria-hidden="true"')
  })

  test('has its own colours and size where there is no stylesheet', () => {
    const svg = cover({
      id: 'evidence',
      palette: 'sky',
      lessons: evidence,
      format: 'card',
      standalone: columnShadesOf('#00596B').light,
    })
    expect(svg).toContain('xmlns="http://www.w3.org/2000/svg" width="560" height="630"')
    expect(svg).toContain('fill="#00596B"')
    expect(svg).not.toContain('class=')
  })

  test('lets more than twenty lessons share columns, and a shared one is blue when all its lessons are', () => {
    const columns = columnsOf(
      Array.from({ length: 43 }, (_, n) => ({ minutes: 5, blue: n < 4 })),
      640,
    )
    expect(columns.length).toBeLessThanOrEqual(20)
    expect(columns.filter(one => one.blue)).toHaveLength(1)
  })

  test('exists even for a course without lessons', () => {
    expect(cover({ id: 'new', lessons: [] })).toMatch(/^<svg.*<\/svg>$/)
    expect(cover({ id: 'new', lessons: [{ minutes: 0 }] })).not.toMatch(/NaN|Infinity/)
  })

  test('has a different palette from its neighbours in a list', () => {
    const palettes = palettesOf(Array.from({ length: 9 }, () => 'sales'))
    palettes.forEach((palette, n) => {
      if (n % 3) expect(palette).not.toBe(palettes[n - 1])
      if (n >= 3) expect(palette).not.toBe(palettes[n - 3])
    })
  })
})

describe('lesson progress', () => {
  const lessons = (['done', 'done', 'current', 'todo'] as const).map(state => ({ state }))

  test('shows completed lessons, the current one and those to come', () => {
    const svg = lessonProgress({ lessons, label: '2 of 4 done' })
    expect(svg).toContain('role="img" aria-label="2 of 4 done"')
    expect(svg.match(/class="progress-done" d="([^"]+)"/)![1]!.match(/M/g)).toHaveLength(2)
    expect(svg.match(/class="progress-current" d="([^"]+)"/)![1]!.match(/M/g)).toHaveLength(1)
  })

  test('starts at the right on a page that runs from right to left', () => {
    const first = (svg: string) => Number(svg.match(/class="progress-done" d="M([\d.]+)/)![1])
    expect(first(lessonProgress({ lessons, label: '', rtl: true }))).toBe(
      80 - first(lessonProgress({ lessons, label: '' })) - 8,
    )
  })

  test('escapes its label', () => {
    expect(lessonProgress({ lessons, label: 'a "b" <c>' })).toContain(
      'aria-label="a &#34;b&#34; &#60;c&#62;"',
    )
  })
})

test('a quiz shows a full column for a correct answer and a dashed one for an incorrect answer', () => {
  const svg = quizStrip({ answers: ['correct', 'incorrect', 'correct'], label: '2 of 3 correct' })
  expect(svg.match(/class="progress-done" d="([^"]+)"/)![1]!.match(/M/g)).toHaveLength(2)
  expect(svg).toContain('class="progress-number-incorrect">2</text>')
})

test('a grade fills its cell of the grid', () => {
  const place = (name: string) =>
    gradeGrid({ grade: name })
      .match(/class="grade-on" d="M(\d+) (\d+)/)
      ?.slice(1)
  expect(place('A1')).toEqual(['0', '0'])
  expect(place('B1')).toEqual(['0', '6'])
  expect(place('C3')).toEqual(['12', '12'])
  expect(place('')).toBeUndefined()
})

describe('the score bar', () => {
  const amara = {
    groups: [
      { name: 'Learning 38.9', family: 1, segments: [18.9, 11, 9] },
      { name: 'Buying intent 23.9', family: 2, segments: [13.2, 6, 4.7] },
      { name: 'Account 9.1', family: 3, segments: [9.1] },
    ],
    off: 2.1,
    offName: '− 2.1 taken off',
    ready: { at: 60, name: 'ready at 60' },
    label: '69.8 of 100',
  }
  const seams = (svg: string) =>
    [...svg.matchAll(/g-seam" x="([\d.]+)%"[^>]* width="([\d.]+)%"/g)].map(
      ([, x, w]) => [Number(x), Number(w)] as const,
    )

  test('shows segments one after the other that add up to the points', () => {
    const all = seams(scoreBar(amara))
    expect(all.reduce((sum, [, w]) => sum + w, 0)).toBeCloseTo(71.9, 5)
    all.slice(1).forEach(([x], n) => expect(x).toBeCloseTo(all[n]![0] + all[n]![1], 5))
  })

  test('hatches deducted points at the end, so that the rest is the score', () => {
    const [, x, w] = scoreBar(amara).match(/<svg x="([\d.]+)%" y="1.25rem" width="([\d.]+)%"/)!
    expect(Number(x)).toBeCloseTo(69.8, 5)
    expect(Number(w)).toBeCloseTo(2.1, 5)
  })

  test('is mirrored on a page that runs from right to left', () => {
    const ltr = seams(scoreBar(amara))
    expect(seams(scoreBar({ ...amara, rtl: true }))).toEqual(
      ltr.map(([x, w]) => [expect.closeTo(100 - x - w, 5), w] as const),
    )
  })

  test('keeps the names of two lines apart that are close', () => {
    const namesAt = (leaves: number, ready: number) => {
      const marks = { leaves: { at: leaves, name: 'Leaves' }, ready: { at: ready, name: 'Ready' } }
      const names = scoreBar({ groups: [], ...marks, label: '' }).matchAll(
        /text-anchor="(\w+)">(Leaves|Ready)</g,
      )
      return Array.from(names, ([, anchor, name]) => `${name} ${anchor}`)
    }
    expect(namesAt(45, 60)).toEqual(['Leaves middle', 'Ready middle'])
    expect(namesAt(50, 60)).toEqual(['Leaves end', 'Ready start'])
    expect(namesAt(10, 20)).toEqual(['Ready start'])
  })

  test('never overflows its frame', () => {
    const all = seams(
      scoreBar({ groups: [{ name: 'Learning', family: 1, segments: [80, 60, -5] }], label: '' }),
    )
    expect(all.reduce((sum, [, w]) => sum + w, 0)).toBe(100)
    expect(scoreMini({ segments: [{ points: 140, family: 1 }] })).toContain('x="0" y="3" width="84"')
  })
})

test('the funnel has a column per step on wide pages and a bar per step on narrow ones', () => {
  const steps = [
    { name: 'Visited', count: '18,420', share: 1 },
    { name: 'Signed up', count: '1,612', share: 0.09, shareName: '9%' },
  ]
  const svg = funnel({ steps, label: 'Of 18,420 who visited, 1,612 signed up' })
  expect(svg.match(/<svg/g)).toHaveLength(2)
  expect(svg.match(/>1,612</g)).toHaveLength(2)
  expect(svg).toContain('chart-narrow')
})

test('charts cope with no value, one value and equal values', () => {
  const drawn = [
    sparkline({ values: [] }),
    sparkline({ values: [3] }),
    sparkline({ values: [2, 2, 2] }),
    dailyBars({ values: [], first: '', last: '', failed: '', label: '' }),
    dailyBars({ values: [{ ok: 0, failed: 0 }], first: '', last: '', failed: '', label: '', size: 'small' }),
    funnel({ steps: [], label: '' }),
    quizStrip({ answers: [], label: '' }),
    scoreBar({ groups: [], label: '' }),
    shareBar({ part: -0.2, off: true }),
    fill({ part: 2 }),
  ]
  for (const svg of drawn) expect(svg).not.toMatch(/NaN|Infinity|undefined|style=/)
})

test('an icon is drawn inside the page, and is hidden from screen readers unless it has a label', () => {
  expect(icon('clock')).toMatch(/^<svg class="icon" viewBox="0 0 256 256" aria-hidden="true"><path /)
  expect(icon('info', { label: 'A & B' })).toContain('role="img" aria-label="A &amp; B"')
  expect(icon('arrow-right')).toContain('class="icon mirrors"')
  expect(() => icon('unknown')).toThrow('unknown')
})

test('every icon that a view asks for is in icons.svg', () => {
  const known = new Set(
    [...readFileSync('views/icons.svg', 'utf8').matchAll(/symbol id="([^"]+)"/g)].map(found => found[1]),
  )
  const views = readdirSync('views', { recursive: true, encoding: 'utf8' }).filter(file =>
    file.endsWith('.ejs'),
  )
  const missing = views.flatMap(file =>
    [...readFileSync(join('views', file), 'utf8').matchAll(/page\.icon\('([^']+)'/g)]
      .filter(([, name]) => !known.has(name))
      .map(([, name]) => `${file} asks for ${name}`),
  )
  expect(missing).toEqual([])
})

describe('leads per week', () => {
  const weeks = [
    { name: '5 Oct', now: 4, draft: 2 },
    { name: '12 Oct', now: 0, draft: 0 },
  ]
  const rects = (svg: string, name: string) => [
    ...svg.matchAll(new RegExp(`<rect class="${name}"[^>]*>`, 'g')),
  ]

  test('have a column for the draft and a line for what was, on one scale with its numbers', () => {
    const svg = weeklyLoad({ weeks, most: 4, label: 'Petra: 4 & 2' })
    const [column] = rects(svg, 'g-1')
    const [line] = rects(svg, 'g-ink')
    // Half of 72 px, which end at 80 px.
    expect(column![0]).toContain('y="2.75rem" height="2.25rem"')
    expect(line![0]).toContain('y="0.4375rem" height="0.125rem"')
    expect([rects(svg, 'g-1').length, rects(svg, 'g-ink').length]).toEqual([1, 1])
    expect(svg).toContain('aria-label="Petra: 4 &#38; 2"')
    for (const text of ['>4<', '>0<', '>5 Oct<', '>12 Oct<']) expect(svg).toContain(text)
  })

  test('begin on the right in a right-to-left language', () => {
    const xOf = (rtl: boolean) =>
      /x="([\d.]+)%"/.exec(rects(weeklyLoad({ weeks, most: 4, label: '', rtl }), 'g-1')[0]![0])!
    const width = 46 * 0.66
    expect(Number(xOf(true)[1])).toBeCloseTo(100 - Number(xOf(false)[1]) - width, 1)
  })
})
