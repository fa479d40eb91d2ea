import { fieldView, type FormField } from '../../src/web/field'
import { translatorsFor } from '../../src/web/i18n'

const t = translatorsFor('en').t
const view = (field: Partial<FormField>, values = {}, errors = {}) =>
  fieldView({ name: 'name', label: 'Name', ...field }, { values, errors }, t)

test('a field shows what was typed, and escapes it', () => {
  expect(view({ maxlength: 100, required: true }, { name: 'A "b" <c>' }).attributes).toBe(
    ' type="text" id="name" name="name" value="A &#34;b&#34; &lt;c&gt;" maxlength="100" required',
  )
})

test('a password is never printed', () => {
  expect(view({ type: 'password' }, { name: 'secret' }).attributes).not.toContain('secret')
})

test('a field is described by its hint and its error, also for screen readers', () => {
  const field = view({ hint: 'As on your badge' }, {}, { name: 'Enter a name' })
  expect(field).toMatchObject({ hint: 'As on your badge', error: 'Enter a name', className: ' is-wrong' })
  expect(field.attributes).toContain('aria-describedby="name-hint name-error" aria-invalid="true"')
})

test('a name with dots or brackets becomes a valid id', () => {
  expect(view({ name: 'address[0].city' }).id).toBe('address-0-city')
})

test('a checkbox keeps the choice of a form that was sent', () => {
  const checkbox = { kind: 'checkbox', checked: true } as const
  expect(view(checkbox).attributes).toContain(' checked')
  expect(view(checkbox, { name: '' }).attributes).not.toContain(' checked')
  expect(view({ kind: 'checkbox' }, { name: 'on' }).attributes).toContain('value="on" checked')
})

test('a select and radio buttons mark what was chosen, or else their default', () => {
  const options = [
    { value: 'a', text: 'A' },
    { value: 'b', text: 'B', selected: true, checked: true },
    { value: '', text: 'None' },
  ]
  const marked = (field: Partial<FormField>, values = {}) =>
    view({ options, ...field }, values).choices.map(({ attributes }) => /selected|checked/.test(attributes))
  expect(marked({ kind: 'select' })).toEqual([false, true, false])
  expect(marked({ kind: 'select' }, { name: 'a' })).toEqual([true, false, false])
  expect(marked({ kind: 'select' }, { name: '' })).toEqual([false, false, true])
  expect(marked({ kind: 'radios' })).toEqual([false, true, false])
  expect(marked({ kind: 'checkboxes' }, { name: ['a', 'b'] })).toEqual([true, true, false])
  expect(view({ kind: 'radios', options }).choices.map(({ id }) => id)).toEqual(['name', 'name-1', 'name-2'])
})

test('an optional field says so', () => {
  expect(view({ optional: true }).optional).toBe('optional')
})
