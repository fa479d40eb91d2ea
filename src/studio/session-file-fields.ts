import { assetEndings } from '../courses/media'
import type { FormField } from '../web/field'
import type { Texts } from '../web/texts'

/** How many files are uploaded at a time, and how large they are together. */
export const sessionUploads = { files: 5, megabytes: 200 }

/** Returns the fields of the form that uploads materials of a session. */
export function fileFields(t: Texts['t']): FormField[] {
  const label = (key: string) => t(`studio:sessions.files.${key}`)
  return [
    {
      ...{ name: 'files', type: 'file', multiple: true, required: true, label: label('choose') },
      hint: t('studio:sessions.files.hint', { endings: assetEndings.join(', '), ...sessionUploads }),
      accept: assetEndings.map(ending => `.${ending}`).join(','),
    },
    {
      ...{ kind: 'radios', name: 'shown', label: t('studio:sessions.after.shownTo'), value: '' },
      options: ['', 'public'].map(value => ({
        value,
        text: t(`studio:sessions.after.shown.${value || 'booked'}`),
      })),
    },
  ]
}
