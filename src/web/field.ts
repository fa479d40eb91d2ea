import { escapeXML } from 'ejs'
import type { Form } from './form'
import type { Translate } from './i18n'

type Option = {
  value: string | number
  text: string
  hint?: string
  selected?: boolean
  checked?: boolean
  disabled?: boolean
  /** A file that the option stands for. A select shows its picture, or its ending, such as `CSV`. */
  file?: FilePicture
}

type FilePicture = { ending: string; src?: string | undefined; isVideo?: boolean }

/** A form field as a view describes it. `end` is HTML next to the label; attributes are passed on to the control. */
export type FormField = {
  name: string
  label: string
  kind?: 'input' | 'textarea' | 'select' | 'checkbox' | 'radios' | 'checkboxes'
  type?: string
  id?: string
  form?: Form
  value?: unknown
  hint?: string
  optional?: boolean
  /** HTML of a button at the end of an input, or of a link beside the label of a list or a text. */
  end?: string
  describedby?: string | false
  options?: readonly Option[]
  checked?: unknown
  /** Many choices, which scroll. */
  isLong?: boolean
  /** The label of a field that finds some of many choices. */
  filter?: string
} & Partial<Record<Attribute | Flag, unknown>>

const attributes = [
  'autocomplete',
  'maxlength',
  'minlength',
  'min',
  'max',
  'step',
  'pattern',
  'inputmode',
  'placeholder',
  'rows',
  'list',
  'accept',
  'spellcheck',
] as const
type Attribute = (typeof attributes)[number]

const flags = ['required', 'readonly', 'multiple', 'autofocus', 'disabled'] as const
type Flag = (typeof flags)[number]

/** An option of a select, or a radio button or checkbox of a group, with its attributes as HTML. */
type ChoiceView = { id: string; text: string; hint?: string; attributes: string }

/** What partials/field prints. `attributes` is HTML: escaped, with a leading space before each attribute. */
export type FieldView = {
  partial: 'checkbox' | 'choices' | 'textarea' | 'select' | 'input'
  id: string
  label: string
  optional: string
  end: string
  hint: string
  error: string
  className: string
  attributes: string
  value: string
  choices: ChoiceView[]
  /** The label of the field that finds choices; empty for none. */
  filter?: string
  /** In a select of files: the picture of the chosen one. */
  file?: FilePicture
}

/** The field with the typed value, its error, and the ARIA attributes that connect them. */
export function fieldView(field: FormField, form: Partial<Form> | undefined, t: Translate): FieldView {
  const { kind = 'input', name } = field
  const { values = {}, errors = {} } = field.form ?? form ?? {}
  const id = field.id ?? fieldId(name)
  const error = errors[name] ?? ''
  const typed = values[name]
  const value = typed ?? field.value
  const describedBy = [isGiven(field.hint) && `${id}-hint`, error && `${id}-error`, field.describedby]
  const state = attribute('aria-describedby', describedBy.filter(Boolean).join(' ')) + (error && invalid)
  const control = attribute('id', id) + attribute('name', name)
  const view = {
    id,
    label: field.label,
    optional: field.optional ? t('layout:form.optional') : '',
    end: field.end ?? '',
    hint: field.hint ?? '',
    error,
    className: (error ? ' is-wrong' : '') + (field.isLong ? ' is-long' : ''),
    value: textOf(value),
    choices: [],
  }
  switch (kind) {
    case 'checkbox': {
      const isChecked = typed === undefined ? field.checked : typed && typed !== 'false'
      const given = attribute('value', textOf(field.value || 'on')) + flag('checked', isChecked)
      const required = flag('required', field.required)
      return { ...view, partial: 'checkbox', attributes: control + given + required + state }
    }
    case 'radios':
    case 'checkboxes':
      return {
        ...{ ...view, partial: 'choices', attributes: state, choices: choicesOf(field, id, value) },
        filter: field.filter,
      }
    case 'textarea':
      return {
        ...view,
        partial: 'textarea',
        attributes: control + attributesOf(field, attributes) + flagsOf(field) + state,
      }
    case 'select':
      return {
        ...view,
        partial: 'select',
        attributes: control + attributesOf(field, ['autocomplete']) + flagsOf(field, 'readonly') + state,
        choices: optionsOf(field, value),
        ...fileOf(field, value),
      }
    case 'input': {
      const { type = 'text' } = field
      const isPrinted = type !== 'password' && type !== 'file' && value !== undefined && value !== null
      const own =
        attribute('type', type) + control + (isPrinted ? attribute('value', textOf(value), true) : '')
      const given = attributesOf(
        field,
        attributes.filter(each => each !== 'rows'),
      )
      return { ...view, partial: 'input', attributes: own + given + flagsOf(field) + state }
    }
  }
}

/** The id of a control by its name: `address.city` becomes `address-city`. */
export function fieldId(name: string): string {
  return name.replace(/[^\w-]+/g, '-')
}

const invalid = ' aria-invalid="true"'

function choicesOf(field: FormField, id: string, value: unknown): ChoiceView[] {
  const chosen = chosenOf(value)
  return (field.options ?? []).map((option, n) => {
    const own = n ? `${id}-${n}` : id
    const isChecked = chosen.length ? chosen.includes(String(option.value)) : option.checked
    return {
      id: own,
      text: option.text,
      hint: option.hint,
      attributes:
        attribute('type', field.kind === 'radios' ? 'radio' : 'checkbox') +
        attribute('id', own) +
        attribute('name', field.name) +
        attribute('value', String(option.value), true) +
        flag('checked', isChecked) +
        flag('disabled', option.disabled) +
        flag('required', field.required && field.kind === 'radios'),
    }
  })
}

function optionsOf(field: FormField, value: unknown): ChoiceView[] {
  const chosen = chosenOf(value)
  return (field.options ?? []).map(option => {
    const isSelected = chosen.length ? chosen.includes(String(option.value)) : option.selected
    const given = attribute('value', String(option.value), true)
    const state = flag('selected', isSelected) + flag('disabled', option.disabled)
    return { id: '', text: option.text, attributes: given + state + pictureOf(option) }
  })
}

/** What public/js/file-choice.js shows when the option is chosen. */
function pictureOf({ file }: Option): string {
  if (!file) return ''
  const { ending, src = '', isVideo } = file
  return attribute('data-ending', ending, true) + attribute(isVideo ? 'data-video' : 'data-picture', src)
}

function fileOf({ options = [] }: FormField, value: unknown): Pick<FieldView, 'file'> {
  if (!options.some(({ file }) => file)) return {}
  const chosen = options.find(option => option.file && chosenOf(value).includes(String(option.value)))?.file
  return { file: chosen ?? { ending: '' } }
}

function chosenOf(value: unknown): string[] {
  if (Array.isArray(value)) return value.map(String)
  return value === undefined || value === null ? [] : [String(value)]
}

function textOf(value: unknown): string {
  return value === undefined || value === null ? '' : String(value)
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null && value !== false && value !== ''
}

function attribute(name: string, value: string, evenIfEmpty = false): string {
  return value || evenIfEmpty ? ` ${name}="${escapeXML(value)}"` : ''
}

function attributesOf(field: FormField, names: readonly Attribute[]): string {
  return names.map(name => (isGiven(field[name]) ? attribute(name, String(field[name])) : '')).join('')
}

function flag(name: string, isSet: unknown): string {
  return isSet ? ` ${name}` : ''
}

function flagsOf(field: FormField, except?: Flag): string {
  return flags.map(name => (name === except ? '' : flag(name, field[name]))).join('')
}
