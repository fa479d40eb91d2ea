import { compile } from 'html-to-text'

/**
 * Returns the plain text of an email's HTML: separate paragraphs, list items with a dash, tables in columns, and each
 * link followed by its URL. Lines aren't wrapped, since mail programs do that.
 */
export const textOf = compile({
  wordwrap: false,
  selectors: [
    { selector: 'a', options: { linkBrackets: ['<', '>'], hideLinkHrefIfSameAsText: true } },
    ...['h1', 'h2', 'h3'].map(selector => ({ selector, options: { uppercase: false } })),
    { selector: 'ul', options: { itemPrefix: '- ' } },
    { selector: 'hr', options: { length: 20 } },
    { selector: 'table', format: 'dataTable', options: { uppercaseHeaderCells: false } },
    { selector: 'head', format: 'skip' },
    { selector: 'img', format: 'skip' },
  ],
})
