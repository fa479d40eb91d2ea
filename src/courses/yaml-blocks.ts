import type { z } from 'zod'
import { memoized } from '../platform/cached'
import { courseFault, type CourseFault } from './course-fault'
import { hashOf, markdownFacts } from './markdown'
import { readYaml } from './read-yaml'

/** What a fenced block of YAML says, and the line of the text where its content begins. */
export type Placed<Item> = Item & { line: number }

/** Limits of a text's blocks. After `faults` wrong ones, the rest isn't read. */
const maxFaults = 20

type Blocks<Item> = { items: Placed<Item>[]; faults: CourseFault[] }

/**
 * Returns a function that reads the fenced blocks of a language, such as ```quiz, each of which is YAML with these
 * fields. It takes a text, the file's path for the faults, and the line of the file where the text begins.
 *
 * @param block.maximum the most blocks of a text.
 * @param block.tokens the most YAML tokens of a block.
 * @param block.named adds the id that a block without one gets. It identifies the block within its text.
 * @param block.faults the sentences for too many blocks, and for two with the same id.
 */
export function blockReader<S extends z.ZodType, Item extends { id: string }>(block: {
  language: string
  /** As `readYaml` takes it. */
  schema: S | ((value: unknown) => S)
  maximum: number
  tokens: number
  named: (value: z.output<S>) => Item
  faults: { tooMany: string; same: string }
}): (body: string, file?: string, firstLine?: number) => Blocks<Item> {
  /** Saving a lesson changes few of its blocks, so each is cached by itself; lines begin at 1. */
  const readBlock = memoized(
    (text: string): { item?: Item; faults: CourseFault[] } => {
      const { value, faults } = readYaml(block.schema, text, '', 1, block.tokens)
      return { item: value === undefined ? undefined : block.named(value), faults }
    },
    { max: 5000, nameOf: hashOf, sizeOf: text => text.length },
  )

  function readBlocks(body: string): Blocks<Item> {
    const items = new Map<string, Placed<Item>>()
    const faults: CourseFault[] = []
    for (const { language, line, text } of markdownFacts(body).fences) {
      if (language !== block.language) continue
      if (faults.length >= maxFaults) break
      if (items.size >= block.maximum) {
        faults.push(courseFault('', line, block.faults.tooMany, { maximum: block.maximum }))
        break
      }
      const { item, faults: found } = readBlock(text)
      faults.push(...found.map(fault => ({ ...fault, line: fault.line! + line - 1 })))
      if (!item) continue
      const { id } = item
      if (items.has(id)) faults.push(courseFault('', line, block.faults.same, { id }))
      else items.set(id, { ...item, line })
    }
    return { items: [...items.values()], faults }
  }

  /** Cached and shared, so its result is never changed. */
  const blocksIn = memoized(readBlocks, { max: 5000, nameOf: hashOf, sizeOf: body => body.length })

  return (body, file = '', firstLine = 1) => {
    const { items, faults } = blocksIn(body)
    if (firstLine === 1 && !file) return { items, faults }
    const moved = (line: number) => line + firstLine - 1
    return {
      items: items.map(item => ({ ...item, line: moved(item.line) })),
      faults: faults.map(fault => ({ ...fault, file, line: moved(fault.line!) })),
    }
  }
}
