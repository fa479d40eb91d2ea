import { resolveReference } from '../../src/courses/reference'
import { config } from '../../src/platform/config'
import { openings } from './openings'

const text = '## Set up, then run\n\n### Set up, then run\n\n## Über *uns*\n\n## Check\n\n## 设置\n'
const lessons = [
  { slug: 'second', body: '## Part\n' },
  { slug: 'third', body: 'No headings.' },
]
const resolve = (target: string) => resolveReference(target, { assets: [openings], lessons, text })

test.each([
  ['02-second.md', { kind: 'lesson', slug: 'second', anchor: null }],
  ['./02-second.md', { kind: 'lesson', slug: 'second', anchor: null }],
  ['second.md', { kind: 'lesson', slug: 'second', anchor: null }],
  ['../02-more/01-third.md', { kind: 'lesson', slug: 'third', anchor: null }],
  ['02-more/01-third.md', { kind: 'lesson', slug: 'third', anchor: null }],
  ['02-second.md#part', { kind: 'lesson', slug: 'second', anchor: 'part' }],
  ['02-second.md#Part', { kind: 'lesson', slug: 'second', anchor: 'part' }],
  ['#set-up-then-run', { kind: 'heading', anchor: 'set-up-then-run' }],
  ['#set-up-then-run-1', { kind: 'heading', anchor: 'set-up-then-run-1' }],
  ['#%C3%BCber-uns', { kind: 'heading', anchor: 'über-uns' }],
  ['#über-uns', { kind: 'heading', anchor: 'über-uns' }],
  ['#设置', { kind: 'heading', anchor: '设置' }],
  ['#section-check', { kind: 'heading', anchor: 'section-check' }],
  ['assets/two openings.png', { kind: 'file', asset: openings }],
  ['../assets/two%20openings.png', { kind: 'file', asset: openings }],
  ['assets/gone.png', { kind: 'missingFile', path: 'assets/gone.png' }],
  ['mailto:a@x.example', { kind: 'contact', url: 'mailto:a@x.example' }],
  ['tel:+15550100', { kind: 'contact', url: 'tel:+15550100' }],
  ['www.example.com/a', { kind: 'outside', url: 'https://www.example.com/a' }],
  ['https://example.com', { kind: 'outside', url: 'https://example.com' }],
  ['/courses/pumps#top', { kind: 'page', path: '/courses/pumps#top' }],
  [`${config.baseUrl}/courses/pumps`, { kind: 'page', path: '/courses/pumps' }],
])('a link to %s leads somewhere', (target, resolved) => {
  expect(resolve(target)).toEqual(resolved)
})

test.each([
  ...['', '#', '#gone', 'lessons/second', 'second', '04-fourth.md', '02-second.md#gone', '../third', 'tel:'],
  ...['//evil.example', 'ftp://x.example', 'https://', 'file:///etc/passwd', 'www.', '%', '01-third.md.exe'],
])('a link to “%s” is broken', target => {
  expect(resolve(target)).toEqual({ kind: 'broken' })
})
