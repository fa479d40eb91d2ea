import { mkdtempSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import express from 'express'

// The reference: bare Express and EJS with a catalogue of 20 kB and a partial for each card. All speeds are multiples
// of this one, in the same run on the same machine.
const folder = mkdtempSync(join(tmpdir(), 'lyceum-reference-'))
const words = 'Learn the product before you talk to anyone, one lesson at a time. '
writeFileSync(
  join(folder, 'card.ejs'),
  `<article class="card"><h3><a href="/courses/<%= course.slug %>"><%= course.title %></a></h3><p><%= course.summary %></p>
<ul><li><%= course.lessons %> lessons</li><li><%= course.minutes %> min</li><li><%= course.level %></li></ul>
</article>\n`,
)
writeFileSync(
  join(folder, 'catalogue.ejs'),
  `<!doctype html><html lang="en"><head><meta charset="utf-8"><title><%= title %></title></head><body><h1><%= title %></h1>
<% for (const course of courses) { %><%- include('card', { course }) %><% } %></body></html>\n`,
)
const courses = Array.from({ length: 24 }, (_, n) => ({
  slug: `course-${n}`,
  title: `Course number ${n}`,
  summary: words.repeat(9),
  lessons: 7,
  minutes: 70,
  level: 'Beginner',
}))

const app = express()
app.set('views', folder)
app.set('view engine', 'ejs')
app.set('view cache', true)
app.get('/', (_request, response) => response.render('catalogue', { title: 'All courses', courses }))
const server = app.listen(0, '127.0.0.1', () => {
  console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
})
