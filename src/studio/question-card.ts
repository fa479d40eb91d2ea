/** What the visual editor shows of a question's block. */
export type QuestionCard = {
  /** Line of the text with the block's first fence, counted from 1. */
  line: number
  /** "Question 3" in a quiz. */
  name: string
  /** The form of the question. */
  href?: string
  points?: string
  /** What a learner has to answer, in plain words. Questions with choices are shown by the editor's own form. */
  answers?: { isOrdered: boolean; items: string[] }
  /** Why the block can't be read. */
  problem?: string
}
