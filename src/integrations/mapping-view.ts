import { apiVersion, messageDefinitionOf, messageTypes, type MessageType } from '../webhooks/message-types'
import type { FieldMapping } from '../webhooks/field-mapping'
import { fieldsOf, mapData, mustBeSent, valuesIn, type TypeMapping } from '../webhooks/map-data'
import { fieldId } from '../web/field'
import type { Texts } from '../web/texts'
import type { Times } from './times'

type MappingRecord = {
  type: MessageType
  part: TypeMapping
  errors: Record<string, string>
  mapping: FieldMapping | null
  versions: FieldMapping[]
  /** The version that the form was opened with. */
  seen: string | null
  href: string
}

const longestExample = 60
/** Empty rows for constants that the form offers. */
const spareRows = 2

/** Returns what the page of an endpoint's mapping shows for one message type. */
export function mappingView(record: MappingRecord, texts: Texts, times: Times) {
  const { type, part, errors, mapping, versions, seen, href } = record
  const { t } = texts
  const example = messageDefinitionOf(type).example as Record<string, unknown>
  const names = new Map(part.renamed.map(({ from, to }) => [from, to]))
  const isWrong = Object.keys(errors).length > 0
  const changed = mapping?.types.map(each => each.type) ?? []
  const examples = new Map(valuesIn(example))
  return {
    type,
    href: `${href}/mapping`,
    seen: seen ?? '',
    types: messageTypes
      .filter(each => each !== 'webhook.test')
      .map(each => ({
        value: each,
        text: changed.includes(each) ? t('integrations:mapping.changedType', { type: each }) : each,
        isSelected: each === type,
      })),
    state: mapping
      ? t('integrations:mapping.version', {
          version: mapping.version,
          when: times.full(mapping.createdAt),
          api: mapping.apiVersion,
        })
      : t('integrations:mapping.noneYet'),
    rows: fieldsOf(type).map(field => ({
      field,
      id: fieldId(`name.${field}`),
      example: shownValue(examples.get(field)),
      name: names.get(field) ?? field,
      isSent: !part.omitted.includes(field),
      isFixed: mustBeSent(type, field),
      sendLabel: t('integrations:mapping.send', { field }),
      nameLabel: t('integrations:mapping.nameOf', { field }),
      error: errors[`name.${field}`] ?? '',
    })),
    constants: [
      ...part.constants.map(({ to, value }, n) => ({
        to,
        value: typedValue(value),
        id: fieldId(`to-${n}`),
        error: errors[`to-${n}`] ?? '',
      })),
      ...Array.from({ length: spareRows }, (_, n) => ({
        to: '',
        value: '',
        id: fieldId(`to-${part.constants.length + n}`),
        error: '',
      })),
    ].map((row, n) => ({
      ...row,
      toLabel: t('integrations:mapping.constantName', { n: n + 1 }),
      valueLabel: t('integrations:mapping.constantValue', { n: n + 1 }),
    })),
    before: exampleMessage(type, example),
    after: isWrong ? null : exampleMessage(type, mapData(type, example, part), part, mapping),
    versions: versions.map(each => ({
      text: t('integrations:mapping.versionRow', {
        version: each.version,
        when: times.full(each.createdAt),
        types: each.types.map(({ type }) => type).join(', ') || t('integrations:mapping.nothing'),
      }),
      isCurrent: each._id === mapping?._id,
      action: `${href}/mapping/${each.version}/restoration`,
      restore: t('integrations:mapping.restore', { version: each.version }),
    })),
  }
}

function exampleMessage(
  type: MessageType,
  data: unknown,
  part?: TypeMapping,
  mapping?: FieldMapping | null,
): string {
  const isChanged = part && part.renamed.length + part.omitted.length + part.constants.length > 0
  const version = isChanged ? { mapping_version: (mapping?.version ?? 0) + 1 } : {}
  return JSON.stringify({ type, api_version: apiVersion, ...version, data }, null, 2)
}

function shownValue(value: unknown): string {
  if (value === undefined) return ''
  const json = JSON.stringify(value)
  return json.length > longestExample ? `${json.slice(0, longestExample)}…` : json
}

/** A constant as it was typed: text without its quotes. */
function typedValue(json: string): string {
  const value: unknown = JSON.parse(json)
  return typeof value === 'string' ? value : json
}
