import { escapeXML } from 'ejs'

/** Characters that no XML document may contain, even escaped (https://www.w3.org/TR/xml/#charsets). */
// eslint-disable-next-line no-control-regex
const notInXml = /[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\p{Cs}]/gu

/** Returns an XML element with a text. */
export function xmlElement(name: string, text: string | number): string {
  return `<${name}>${escapeXML(String(text).replace(notInXml, ''))}</${name}>`
}

/** Returns an XML document. */
export const xmlDocument = (root: string) => `<?xml version="1.0" encoding="UTF-8"?>\n${root}\n`
