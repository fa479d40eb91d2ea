import { sessionCaps } from '../sessions/live-session'
import type { RowList } from '../web/form-rows'
import type { Texts } from '../web/texts'
import { sessionLengths, type SessionChoices } from './session-form'

/** Returns the lists of the form: hosts, agenda and questions. */
export function sessionLists({ teammates }: Pick<SessionChoices, 'teammates'>, { t }: Pick<Texts, 't'>) {
  const label = (key: string) => t(`studio:sessions.form.${key}`)
  const hosts: RowList = {
    ...{ list: 'hosts', legend: label('hosts'), hint: label('hostsHint'), max: sessionCaps.hosts },
    fields: [
      {
        name: 'person',
        label: label('hostPerson'),
        options: [
          { value: '', text: label('guest') },
          ...teammates.map(({ _id, name }) => ({ value: String(_id), text: name })),
        ],
      },
      { name: 'name', label: label('hostName'), maxlength: 100 },
      { name: 'role', label: label('hostRole'), maxlength: 100 },
      {
        name: 'part',
        label: label('hostPart'),
        options: [
          { value: '', text: label('isHost') },
          { value: 'panel', text: label('isPanel') },
        ],
      },
    ],
  }
  const agenda: RowList = {
    ...{ list: 'agenda', legend: label('agenda'), hint: label('agendaHint'), max: sessionCaps.agenda },
    fields: [
      { name: 'minute', label: label('agendaMinute'), type: 'number', min: 0, max: sessionLengths.maximum },
      { name: 'text', label: label('agendaText'), maxlength: 300 },
    ],
  }
  const questions: RowList = {
    ...{ list: 'questions', legend: label('questions'), hint: label('questionsHint') },
    max: sessionCaps.questions,
    fields: [
      { name: 'id', label: '', hidden: true },
      { name: 'label', label: label('questionLabel'), maxlength: 200 },
      {
        name: 'kind',
        label: label('questionKind'),
        options: [
          { value: '', text: label('questionText') },
          { value: 'choice', text: label('questionChoice') },
        ],
      },
      {
        name: 'options',
        label: label('questionOptions'),
        hint: label('questionOptionsHint'),
        maxlength: 2000,
      },
      {
        name: 'needed',
        label: label('questionNeeded'),
        options: [
          { value: '', text: label('questionOptional') },
          { value: 'yes', text: label('questionRequired') },
        ],
      },
    ],
  }
  return { hosts, agenda, questions }
}
