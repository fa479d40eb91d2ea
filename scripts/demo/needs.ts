import { NeedsAssessments, type NeedsAnswer } from '../../src/signals/needs-content'

const answer = (id: string, text: string, says: Partial<NeedsAnswer> = {}): NeedsAnswer => ({
  ...{ id, text, audience: '', topics: [], minutes: null, path: '' },
  ...says,
})

/** Gives a brand the needs assessment of Lyceum's guide. */
export async function publishGuideNeeds(brandId: string): Promise<void> {
  const questions = [
    {
      id: 'work',
      text: 'Which area do you work in?',
      answers: [
        answer('learning', 'L&D or marketing', { audience: 'l-d' }),
        answer('sales', 'Sales', { audience: 'sales' }),
        answer('operations', 'Operations or IT', { audience: 'operations' }),
        answer('privacy', 'Privacy or legal', { audience: 'privacy' }),
      ],
    },
    {
      id: 'goal',
      text: 'What do you want to achieve in the next 3 months?',
      answers: [
        answer('teach', 'Let people learn our product on their own', { topics: ['learning'] }),
        answer('leads', 'Know who is ready to talk, and why', { topics: ['sales'] }),
        answer('handover', 'Get every lead into the CRM', { topics: ['operations'] }),
        answer('consent', 'Show who consented to what', { topics: ['privacy'] }),
      ],
    },
    {
      id: 'time',
      text: 'How much time do you have?',
      answers: [
        answer('hour', 'About an hour', { minutes: 75 }),
        answer('afternoon', 'An afternoon', { minutes: 240 }),
        answer('weeks', 'A few weeks, a little each day'),
      ],
    },
    {
      id: 'people',
      text: 'Who will be learning?',
      answers: [
        answer('me', 'Just me, for now'),
        answer('team', 'My team'),
        answer('company', 'Our customers, or several teams'),
      ],
    },
    {
      id: 'when',
      text: 'When do you plan to decide?',
      answers: [
        answer('looking', "I'm just looking"),
        answer('quarter', 'In the next 3 to 6 months'),
        answer('soon', 'In the next few weeks'),
      ],
    },
  ].map(question => ({ ...question, help: '' }))
  const draft = {
    title: 'Find my path',
    lede: '5 questions, about a minute. You get a learning path: which courses to take, and in which order.',
    questions,
  }
  await NeedsAssessments.publish(brandId, await NeedsAssessments.save(brandId, draft, 0, null), null)
}
