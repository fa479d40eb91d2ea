import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { HtmlValidate } from 'html-validate'
import { questionKinds } from '../../src/courses/question'
import { openAcademy, type Academy } from '../kit/academy'
import { as, anonymous, type Visitor } from '../kit/as'
import { runAllDue } from '../kit/ledger'
import * as make from '../kit/make'

const quizOfEveryKind = join(
  __dirname,
  '../../scripts/demo/tarnwell/courses/find-the-failing-pump/03-prove-it/01-final-quiz.md',
)

let academy: Academy
const visitors = {} as Record<'anonymous' | 'prospect' | 'sales-lead' | 'author' | 'admin', Visitor>
const validator = new HtmlValidate({
  extends: ['html-validate:recommended'],
  rules: {
    // Matters of taste that no reader notices.
    'no-trailing-whitespace': 'off',
    'void-style': 'off',
    'attr-quotes': 'off',
    'attribute-boolean-style': 'off',
    'attribute-empty-style': 'off',
    'no-implicit-button-type': 'off',
    'no-inline-style': 'error',
    'long-title': 'off',
    'tel-non-breaking': 'off',
    'doctype-style': 'off',
    'no-implicit-input-type': 'off',
    'valid-id': ['error', { relaxed: true }],
    // Enter submits a search, so a button next to its only field would add nothing.
    'wcag/h32': 'off',
    // A scrollable table is a region, and the editor's toolbar is markup of its library.
    'prefer-native-element': 'off',
    'form-dup-name': ['error', { shared: ['radio', 'checkbox', 'button', 'submit'] }],
  },
})

beforeAll(async () => {
  academy = await openAcademy()
  await make.course({ slug: 'pumps', quiz: 2 })
  await make.course({ slug: 'valves', price: { amount: 24_000, currency: 'EUR' } })
  const source = readFileSync(quizOfEveryKind, 'utf8')
  const questions = source.slice(source.indexOf('```quiz')).replace(/^lesson: .*\n/gm, '')
  const trend = { path: 'assets/quiz-trend.webp', hash: 'a'.repeat(64), size: 9, type: 'image/webp' }
  const assets = [{ ...trend, width: 1280, height: 554 }]
  await make.course({ slug: 'kinds', lesson: n => (n === 1 ? { body: questions } : {}), assets })
  visitors.anonymous = await anonymous()
  for (const role of ['prospect', 'sales-lead', 'author', 'admin'] as const)
    visitors[role] = await as(await make.person({ role }))
  await visitors.prospect.post('/courses/pumps/enrolment').expect(303)
  for (const n of [1, 2])
    await visitors.prospect.post(`/courses/pumps/lessons/lesson-${n}/completion`).expect(303)
  await runAllDue()
})
afterAll(() => academy.close())

test.each([
  [
    'anonymous',
    [
      '/',
      '/courses',
      '/courses/pumps',
      '/courses/pumps/lessons/lesson-1',
      '/search?q=lesson',
      '/paths',
      '/needs-assessment',
      '/pricing',
      '/pricing/compare',
    ],
  ],
  [
    'anonymous',
    [
      '/sign-up',
      '/sign-in',
      '/certificates',
      '/sharing',
      '/scoring',
      '/privacy',
      '/terms',
      '/accessibility',
      '/webhooks/message-types',
      '/demo/mail',
      '/demo/crm',
    ],
  ],
  [
    'prospect',
    [
      '/',
      '/learning',
      '/courses/pumps',
      '/courses/pumps/lessons/lesson-2',
      '/courses/pumps/lessons/final-quiz',
      '/courses/pumps/contact-request',
      '/courses/valves/checkout',
      '/orders',
    ],
  ],
  [
    'prospect',
    [
      '/account',
      '/account/sharing',
      '/account/email-preferences',
      '/account/data',
      '/account/certificates',
      '/nothing-here',
    ],
  ],
  [
    'sales-lead',
    [
      '/sales/queue',
      '/sales/leads',
      '/sales/scoring-model',
      '/integrations/endpoints',
      '/integrations/endpoints/new',
      '/integrations/deliveries',
      '/integrations/inbound-events',
      '/insights',
    ],
  ],
  [
    'author',
    [
      '/studio',
      '/studio/courses/new',
      '/studio/imports/new',
      '/studio/catalogue',
      '/studio/courses/pumps',
      '/studio/courses/pumps/lessons/lesson-1',
      '/studio/courses/pumps/lessons/lesson-1/preview',
      '/studio/courses/pumps/revisions',
    ],
  ],
  [
    'author',
    [
      '/studio/courses/kinds/lessons/lesson-1',
      '/studio/courses/kinds/lessons/lesson-1/preview',
      '/studio/courses/kinds/lessons/lesson-1/questions',
      ...questionKinds.map(kind => `/studio/courses/kinds/lessons/lesson-1/new-question?kind=${kind}`),
      '/courses/kinds/lessons/lesson-1',
      '/courses/kinds/lessons/lesson-1/practice?question=days-left&q-days-left=5',
    ],
  ],
  [
    'admin',
    [
      '/admin/people',
      '/admin/competitors',
      '/admin/background-jobs',
      '/admin/audit',
      '/admin/people?q=nobody',
    ],
  ],
] as const)('pages are valid HTML for %s: %j', async (visitor, paths) => {
  const errors: string[] = []
  for (const path of paths) {
    const { text } = await visitors[visitor].get(path)
    const report = await validator.validateString(text)
    for (const { messages } of report.results) {
      errors.push(...messages.map(({ ruleId, message, line }) => `${path}:${line} ${ruleId}: ${message}`))
    }
  }
  expect(errors).toEqual([])
})
