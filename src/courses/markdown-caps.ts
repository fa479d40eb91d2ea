/**
 * Limits of a Markdown text. Within them, the time to read it grows with its length. A text that exceeds one isn't
 * read: it is shown as it was typed, and the check before publishing reports it. `cells` are those of all tables,
 * `references` the images and links. Quotations and lists deeper than `nesting` are text.
 */
export const markdownCaps = { characters: 120_000, lines: 10_000, cells: 5000, references: 3000, nesting: 20 }

/** Which cap a text exceeds. */
export type MarkdownExcess = keyof Omit<typeof markdownCaps, 'nesting'>
