import { escapeXML } from 'ejs'

/** Above this number of lessons, a strip has one block per module. */
const maxBlocks = 20

type Block = { state: 'done' | 'current' | 'todo'; module: number }

/**
 * Returns a learner's progress as a strip that is as wide as its place, with one block per lesson, or per module in a
 * long course. Always show the same in words next to it.
 *
 * @param label what it shows in words, for screen readers.
 */
export function progressStrip(lessons: readonly Block[], label: string): string {
  const blocks = lessons.length > maxBlocks ? byModule(lessons) : lessons
  const html = blocks.map(({ state }) => `<i class="strip-${state}"></i>`).join('')
  return `<span class="strip" role="img" aria-label="${escapeXML(label)}">${html}</span>`
}

function byModule(lessons: readonly Block[]): Block[] {
  return [...new Set(lessons.map(({ module }) => module))].map(module => {
    const inside = lessons.filter(each => each.module === module)
    const isDone = inside.every(({ state }) => state === 'done')
    const isCurrent = inside.some(({ state }) => state === 'current')
    return { module, state: isDone ? 'done' : isCurrent ? 'current' : 'todo' }
  })
}
