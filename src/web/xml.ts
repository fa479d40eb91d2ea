import { escapeXML } from 'ejs'

/** Characters that no XML document may contain, even escaped (https://www.w3.org/TR/xml/#charsets). */

const notInXml = /[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\p{Cs}]/gu

/** Returns a text without what XML has no place for. It isn't escaped yet. */
export const xmlText = (text: string) => text.replace(notInXml, '')

/** Returns an XML element with a text. */
export function xmlElement(name: string, text: string | number): string {
  return `<${name}>${escapeXML(xmlText(String(text)))}</${name}>`
}

/** Returns an XML document. */
export const xmlDocument = (root: string) => `<?xml version="1.0" encoding="UTF-8"?>\n${root}\n`
