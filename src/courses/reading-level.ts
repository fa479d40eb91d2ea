import { memoized } from '../platform/cached'
import { hashOf, markdownFacts } from './markdown'

/** The formulas, each for the languages it was made or validated for; every one of them counts letters and words. */
export const readingFormulas = {
  /** Coleman and Liau, 1975: the US school grade that a text needs. */
  'coleman-liau': { languages: ['en'], hardFrom: 16, isHardBelow: false },
  /** Björnsson, 1968: average words of a sentence, and the percentage of words of more than six letters. */
  lix: { languages: ['sv', 'da', 'nb', 'nn', 'no', 'de'], hardFrom: 60, isHardBelow: false },
  /** GULP, Università La Sapienza, 1988: from 0 to 100, where more is easier. */
  gulpease: { languages: ['it'], hardFrom: 40, isHardBelow: true },
} as const
type ReadingFormula = keyof typeof readingFormulas

/** How hard a text is to read. `score` is a whole number, on the scale of the formula. */
export type ReadingLevel = { formula: ReadingFormula; score: number; isHard: boolean }

/** The formulas were made for samples of about 100 words; a shorter text says little. */
const minWords = 100

/**
 * Returns how hard the sentences of a Markdown text are to read: those of paragraphs, lists and quotations. Null for a
 * language that no formula here is valid for, and for fewer than 100 words.
 */
export function readingLevel(body: string, language: string): ReadingLevel | null {
  const base = language.split('-')[0]!
  const formula = (Object.keys(readingFormulas) as ReadingFormula[]).find(name =>
    (readingFormulas[name].languages as readonly string[]).includes(base),
  )
  if (!formula) return null
  const { words, sentences, letters, longWords } = counted(body)
  if (words < minWords) return null
  const score = Math.round(scoreOf(formula, { words, sentences, letters, longWords }))
  const { hardFrom, isHardBelow } = readingFormulas[formula]
  return { formula, score, isHard: isHardBelow ? score < hardFrom : score >= hardFrom }
}

type Counted = { words: number; sentences: number; letters: number; longWords: number }

function scoreOf(formula: ReadingFormula, { words, sentences, letters, longWords }: Counted): number {
  switch (formula) {
    case 'coleman-liau':
      return (5.88 * letters) / words - (29.6 * sentences) / words - 15.8
    case 'lix':
      return words / sentences + (100 * longWords) / words
    case 'gulpease':
      return 89 + (300 * sentences - 10 * letters) / words
  }
}

/** `Intl.Segmenter` takes seconds for a text of nothing but dots and slashes. */
const sentenceEnd = /(?<=[.!?…]['"”’)\]]?)\s+(?=[\p{Lu}\p{N}'"“‘(¿¡])/u

const counted = memoized(
  (body: string): Counted => {
    const sentences = markdownFacts(body).prose.flatMap(text =>
      text.split(sentenceEnd).flatMap(sentence => {
        const words = sentence.match(/[\p{L}\p{N}]+(?:['’-][\p{L}\p{N}]+)*/gu)
        return words ? [words] : []
      }),
    )
    const words = sentences.flat()
    const lengths = words.map(word => word.match(/[\p{L}\p{N}]/gu)!.length)
    return {
      words: words.length,
      sentences: sentences.length,
      letters: lengths.reduce((sum, length) => sum + length, 0),
      longWords: lengths.filter(length => length > 6).length,
    }
  },
  { max: 5000, nameOf: hashOf },
)
