import { regionNames } from '../leads/regions'
import { routingCaps, type RoutingContent } from '../leads/routing-rules'
import type { FormField } from '../web/field'
import type { Texts } from '../web/texts'
import type { RoutingPart } from './routing-form'
import type { RoutingWorld } from './routing-view'

/** Returns the fields of the form of one part. */
export function routingFields(
  part: RoutingPart,
  content: RoutingContent,
  world: RoutingWorld,
  texts: Texts,
): FormField[] {
  const { t } = texts
  const label = (name: string) => ({ name, label: t(`sales:routing.fields.${name}`) })
  const hint = (name: string, values = {}) => t(`sales:routing.hints.${name}`, values)
  const name: FormField = { ...label('name'), required: true, maxlength: routingCaps.name }
  const hoursField = (field: string): FormField => ({ ...label(field), inputmode: 'decimal', maxlength: 6 })
  const team = world.team.map(person => ({ value: String(person._id), text: person.name }))
  const pools = content.pools.map(pool => ({ value: pool.id, text: pool.name }))
  switch (part) {
    case 'rules':
      return [
        name,
        {
          ...label('target'),
          kind: 'select',
          required: true,
          options: [
            ...pools.map(({ value, text }) => ({
              value: `pool:${value}`,
              text: t('sales:routing.fields.poolOption', { name: text }),
            })),
            ...team.map(({ value, text }) => ({ value: `teammate:${value}`, text })),
            { value: 'crm', text: t('sales:routing.target.crm') },
          ],
        },
        { ...hoursField('responseHours'), optional: true, hint: hint('responseHours') },
        {
          ...label('countries'),
          optional: true,
          hint: hint('countries', {
            regions: regionNames.map(each => t(`sales:routing.region.${each}`)).join(', '),
          }),
          maxlength: 2000,
        },
        { ...label('companies'), kind: 'textarea', optional: true, rows: 3, hint: hint('companies') },
        { ...label('domains'), optional: true, hint: hint('domains'), maxlength: 2000 },
        { ...label('topics'), optional: true, hint: topicsHint(texts), maxlength: 2000 },
        ...(world.questions.size
          ? [
              {
                ...label('question'),
                kind: 'select' as const,
                options: [
                  { value: '', text: t('sales:routing.fields.noQuestion') },
                  ...[...world.questions].map(([value, text]) => ({ value, text })),
                ],
              },
              {
                ...label('answers'),
                kind: 'textarea' as const,
                optional: true,
                rows: 2,
                hint: hint('answers'),
              },
            ]
          : []),
      ]
    case 'pools':
      return [
        name,
        { ...label('members'), kind: 'checkboxes', options: team, isLong: team.length > 12 },
        {
          ...label('share'),
          kind: 'radios',
          required: true,
          options: (['turns', 'load'] as const).map(value => ({
            value,
            text: t(`sales:routing.sharing.${value}`),
            hint: hint(value),
          })),
        },
      ]
    case 'people':
      return [
        { ...label('weight'), type: 'number', min: 1, max: 10, required: true, hint: hint('weight') },
        { ...label('capacity'), type: 'number', min: 0, max: 9999, optional: true, hint: hint('capacity') },
        {
          ...label('days'),
          kind: 'checkboxes',
          options: [1, 2, 3, 4, 5, 6, 7].map(value => ({
            value,
            text: t(`sales:demoHours.weekday.${value}`),
          })),
        },
        { ...label('opens'), type: 'time', required: true, maxlength: 5 },
        { ...label('closes'), type: 'time', required: true, maxlength: 5 },
        {
          ...label('calendar'),
          kind: 'select',
          options: [
            { value: '', text: t('sales:routing.fields.noCalendar') },
            ...content.calendars.map(each => ({ value: each.id, text: each.name })),
          ],
        },
      ]
    case 'calendars':
      return [name, { ...label('daysOff'), kind: 'textarea', rows: 10, hint: hint('daysOff') }]
    case 'settings':
      return [
        { ...hoursField('hours'), required: true },
        { ...hoursField('remindBefore'), optional: true },
        { ...hoursField('escalateAfter'), optional: true },
        { ...hoursField('reassignAfter'), optional: true },
        {
          ...label('fallback'),
          kind: 'select',
          options: [{ value: 'everybody', text: t('sales:routing.fields.everybody') }, ...pools],
        },
        {
          ...label('overflow'),
          kind: 'radios',
          options: (['fewest', 'sales-lead'] as const).map(value => ({
            value,
            text: t(`sales:routing.rest.overflow.${value}`),
          })),
        },
      ]
  }
}

function topicsHint({ t, lists }: Texts): string {
  return t('sales:routing.hints.topics', {
    topics: lists.topics
      .map(({ id }) => id)
      .slice(0, 12)
      .join(', '),
  })
}
