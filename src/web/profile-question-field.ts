import { maxAnswer, type ProfileQuestion } from '../people/profile-question'
import type { FormField } from './field'
import type { Texts } from './texts'

/** Returns the field of a question about a learner, with its purpose as the hint. */
export function profileQuestionField(
  { label, purpose, type, choices }: ProfileQuestion,
  { name, value }: { name: string; value: string | null },
  { t }: Texts,
): FormField {
  const shared = { name, label, hint: purpose, value: value ?? '' }
  if (type === 'choice') {
    return {
      ...shared,
      kind: 'select',
      options: [
        { value: '', text: t('account:questions.choose') },
        ...choices.map(choice => ({ value: choice, text: choice })),
      ],
    }
  }
  const inputmode = type === 'number' ? 'decimal' : undefined
  return { ...shared, maxlength: maxAnswer, autocomplete: 'off', inputmode }
}
