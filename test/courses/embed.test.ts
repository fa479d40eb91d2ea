import { checkCourse, type Around } from '../../src/courses/check-course'
import { embedOf, isEmbedAddress } from '../../src/courses/embed'
import type { EmbedList } from '../../src/courses/embed-list'
import { renderMarkdown } from '../../src/courses/render'
import { courseContent } from '../kit/make'

const services = ['youtube', 'vimeo', 'loom', 'arcade', 'storylane', 'navattic', 'figma']
const allowed: EmbedList = { services, hosts: ['sandbox.northwind.com'], number: 1 }
const id = 'dQw4w9WgXcQ'
const hex = '0123456789abcdef0123456789abcdef'

test.each([
  [`https://www.youtube.com/watch?v=${id}&t=90s`, `https://www.youtube-nocookie.com/embed/${id}?start=90`],
  [`https://youtu.be/${id}`, `https://www.youtube-nocookie.com/embed/${id}`],
  [`https://m.youtube.com/shorts/${id}`, `https://www.youtube-nocookie.com/embed/${id}`],
  ['https://vimeo.com/76979871', 'https://player.vimeo.com/video/76979871?dnt=1'],
  ['https://vimeo.com/76979871/0a1b2c3d4e', 'https://player.vimeo.com/video/76979871?dnt=1&h=0a1b2c3d4e'],
  [`https://www.loom.com/share/${hex}?sid=1`, `https://www.loom.com/embed/${hex}`],
  [
    'https://app.arcade.software/share/AbCdEfGhIjKlMnOpQrSt',
    'https://demo.arcade.software/AbCdEfGhIjKlMnOpQrSt?embed',
  ],
  ['https://app.storylane.io/share/abcdefgh1234', 'https://app.storylane.io/demo/abcdefgh1234'],
  [
    'https://capture.navattic.com/cl0abcdefghijklmnopqrstu',
    'https://capture.navattic.com/cl0abcdefghijklmnopqrstu',
  ],
  [
    'https://www.figma.com/proto/AbCdEfGhIjKlMnOpQr/Panel?node-id=1-2',
    'https://embed.figma.com/proto/AbCdEfGhIjKlMnOpQr?embed-host=academy&node-id=1-2',
  ],
  ['https://sandbox.northwind.com/a?b=1#c', 'https://sandbox.northwind.com/a?b=1#c'],
])('the address %s leads to its frame', (address, src) => {
  expect(embedOf(address, allowed)).toMatchObject({ src, host: new URL(src).hostname })
})

test.each([
  ['http://sandbox.northwind.com/', 'refused'],
  ['https://sandbox.northwind.com:8443/', 'refused'],
  ['https://me@sandbox.northwind.com/', 'refused'],
  ['https://:secret@sandbox.northwind.com/', 'refused'],
  ['https://northwind.com/', 'refused'],
  ['https://sandbox.northwind.com.evil.com/', 'refused'],
  ['https://www.youtube.com/@channel', 'unknown'],
  ['https://www.youtube.com/watch?v="><script>', 'unknown'],
])('no frame is made for %s (%s)', (address, why) => {
  expect(embedOf(address, allowed)).toBe(why)
})

test('a service that the academy has not allowed is refused', () => {
  expect(embedOf(`https://youtu.be/${id}`, { ...allowed, services: [] })).toBe('refused')
})

test('a picture that is hosted elsewhere is no embed', () => {
  expect(isEmbedAddress('https://cdn.northwind.com/pump.png?v=2')).toBe(false)
  expect(isEmbedAddress('assets/pump.webm')).toBe(false)
  expect(isEmbedAddress('https://youtu.be/x')).toBe(true)
})

const links = { lessons: [], hrefOf: () => '', embeds: allowed }
const html = (text: string, embeds = allowed) =>
  renderMarkdown(text, [], 'en', 2, { ...links, embeds }).trim()

test('a page of an allowed site alone in a paragraph becomes a place for its frame, with a link in it', () => {
  expect(html(`![Our "film"](https://youtu.be/${id})`)).toBe(
    `<p><span class="embed" data-embed="https://www.youtube-nocookie.com/embed/${id}" ` +
      `data-host="www.youtube-nocookie.com" data-name="YouTube">` +
      `<a href="https://youtu.be/${id}" rel="noopener noreferrer">Our "film"</a></span></p>`,
  )
})

test('any other page is a plain link, and nobody can write the place of a frame by hand', () => {
  const link = `<p><a href="https://evil.example/x" rel="noopener noreferrer">A page</a></p>`
  expect(html('![A page](https://evil.example/x)')).toBe(link)
  expect(html(`Look: ![A film](https://youtu.be/${id})`)).not.toContain('data-embed')
  expect(html(`![A film](https://youtu.be/${id})`, { ...allowed, services: [] })).not.toContain('data-embed')
  expect(html('<span class="embed" data-embed="https://evil.example">x</span>')).not.toContain('data-embed')
})

test('the check says what is wrong with an embed, and says nothing of an allowed one', () => {
  const rules = (body: string) => {
    const content = courseContent({ lessons: 1, lesson: () => ({ body }) })
    const around = { pages: { courses: new Map(), paths: new Set() }, outside: new Map(), embeds: allowed }
    const lists = { _id: 'academy', topics: [], audiences: [], levels: [], number: 0 }
    return checkCourse(content, new Date('2026-11-23'), { ...around, lists } as Around)
      .filter(({ lesson, level }) => lesson && level === 'error')
      .map(({ key, line }) => `${key.replace('studio:checks.', '')} ${line}`)
  }
  expect(rules(`Look:\n\n![A film](https://youtu.be/${id})\n`)).toEqual([])
  expect(rules('Look:\n\n![A page](https://evil.example/x)\n')).toEqual(['embed.refused 3'])
  expect(rules('![A film](https://youtu.be/short)\n')).toEqual(['embed.unknown 1'])
  expect(rules(`![](https://youtu.be/${id})\n`)).toEqual(['embed.title 1'])
})
