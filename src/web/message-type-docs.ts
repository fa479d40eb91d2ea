import { messageDefinitionOf, type MessageType } from '../webhooks/message-types'
import type { Translate } from './i18n'

/**
 * Returns the title of a message type and what it means. Both are in the type's own file, in English. Another language
 * translates them in its api.json, as `title` and `text` of `lead_qualified` in `types`.
 */
export function messageTypeDocs(type: MessageType, t: Translate): { title: string; text: string } {
  const { title, text } = messageDefinitionOf(type).docs
  const key = `api:types.${type.replace('.', '_')}`
  return {
    title: t(`${key}.title`, { defaultValue: title }),
    text: t(`${key}.text`, { defaultValue: text }),
  }
}
