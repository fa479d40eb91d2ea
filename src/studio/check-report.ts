import { countLevels } from '../courses/check-course'
import type { FolderCheck, FolderFinding } from '../courses/check-folder'
import type { Translate } from '../web/i18n'

const sentence = ({ key, values }: FolderFinding, t: Translate) => {
  const { checkedAt } = values
  return t(key, { ...values, ...(checkedAt && { date: new Date(checkedAt).toISOString().slice(0, 10) }) })
}

/** Returns a line for each finding, with its file and line, and a sentence at the end. */
export function reportAsText(folder: string, check: FolderCheck, t: Translate): string {
  const counts = countLevels(check.findings)
  const lines = check.findings.map(finding => {
    const { file, line, level } = finding
    const place = [file || folder, line].filter(part => part !== null).join(':')
    return `${place}  ${t(`studio:checkCommand.${level}`)}  ${sentence(finding, t)}\n`
  })
  const facts = [
    t('studio:checkCommand.errors', { count: counts.errors }),
    t('studio:checkCommand.warnings', { count: counts.warnings }),
    t('studio:checkCommand.looks', { count: counts.looks }),
  ].join(', ')
  if (check.title === null) return `${lines.join('')}\n${t('studio:checkCommand.unreadable', { facts })}\n`
  const { title, lessons, questions, tried } = check
  const summary = t('studio:checkCommand.summary', {
    ...{ title, facts },
    lessons: t('studio:checkCommand.lessons', { count: lessons }),
    questions: t('studio:checkCommand.questions', { count: questions }),
  })
  const links = tried ? ` ${t('studio:checkCommand.links', { count: tried })}` : ''
  return `${lines.join('')}${lines.length ? '\n' : ''}${summary}${links}\n`
}

/** Returns the same as JSON, for programs. */
export function reportAsJson(check: FolderCheck, t: Translate): string {
  const { findings, ...rest } = check
  const list = findings.map(finding => {
    const { level, file, line, question = null, key } = finding
    const rule = key.replace('studio:', '')
    return { level, file, line, question, rule, message: sentence(finding, t) }
  })
  return `${JSON.stringify({ ...rest, ...countLevels(check.findings), findings: list }, null, 2)}\n`
}
