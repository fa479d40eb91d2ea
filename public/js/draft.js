/**
 * Saves the forms of a draft by themselves, a second after a change and when their reader leaves, and says what became
 * of it. Without this file, each has a Save button.
 *
 * What is saved is what the button saves, so the page that comes back has the errors, the numbers that tell this draft
 * from a colleague's, and everything else that has changed with it.
 */
const pause = 1000
const retryPause = 5000
/** These change with each save, and are no part of what is typed. */
const numbers = ['basis', 'draftNumber']
/** What a button adds is added by that button. */
const added = 'add'

const states = new WeakMap()
const draftForms = () => [...document.querySelectorAll('form[data-draft]')]

function stateOf(form) {
  const state = states.get(form) ?? {
    typed: 0,
    saved: 0,
    refused: 0,
    hasConflict: false,
    saving: null,
    timer: 0,
  }
  states.set(form, state)
  return state
}

/** Whether something typed is neither saved nor refused. */
const isOpen = form => {
  const { typed, saved, refused, hasConflict } = stateOf(form)
  return typed > Math.max(saved, refused) && !hasConflict
}

function change(form) {
  const state = stateOf(form)
  state.typed++
  keep(form)
  if (state.hasConflict) return
  say(form, '')
  wait(form, pause)
}

function wait(form, time) {
  const state = stateOf(form)
  clearTimeout(state.timer)
  state.timer = setTimeout(() => save(form), time)
}

/** Saves a form after what is being saved already; resolves when everything typed until now is saved or refused. */
async function save(form, isLeaving = false) {
  const state = stateOf(form)
  while (state.saving) await state.saving
  clearTimeout(state.timer)
  if (!isOpen(form)) return
  state.saving = send(form, isLeaving).finally(() => (state.saving = null))
  await state.saving
}

async function send(form, isLeaving) {
  const state = stateOf(form)
  const { typed } = state
  try {
    const response = await post(form, isLeaving)
    const page = pageIn(await response.text())
    if (response.ok) {
      state.saved = typed
      const current = counterpart(form, page) ? page : pageIn(await (await fetch(location.href)).text())
      if (state.typed === typed) forget(form)
      takeOver(form, current)
      say(form, page.querySelector('.flash')?.textContent ?? '')
      document.dispatchEvent(new Event('draft:saved'))
    } else {
      state.refused = typed
      state.hasConflict = response.status === 409
      const reason = page.querySelector('#form-errors li') ?? page.querySelector('.field-error, main h1')
      if (!state.hasConflict) takeOver(form, page)
      const { refused, conflict } = statusOf(form).dataset
      say(form, state.hasConflict ? conflict : `${refused} ${reason?.textContent ?? ''}`, true)
    }
  } catch {
    say(form, statusOf(form).dataset.offline, true)
    wait(form, retryPause)
  }
}

async function post(form, isLeaving) {
  const request = { method: 'POST', body: bodyOf(form), headers: { accept: 'text/html' } }
  try {
    return await fetch(form.action, { ...request, keepalive: isLeaving })
  } catch (error) {
    // Browsers refuse to keep more than 64 kB alive.
    if (isLeaving) return fetch(form.action, request)
    throw error
  }
}

function bodyOf(form) {
  const body = new URLSearchParams(new FormData(form))
  if (body.has(added)) body.set(added, '')
  return body
}

const pageIn = html => new DOMParser().parseFromString(html, 'text/html')

/** The same form of another page. */
function counterpart(form, page) {
  return [...page.querySelectorAll('form')].find(other => nameOf(other) === nameOf(form))
}

/** A page has a form for each file and each text. */
function nameOf(form) {
  const own = ['slot', 'key'].map(name => form.querySelector(`input[name="${name}"]`)?.value)
  return [form.getAttribute('action'), ...own].join(' ')
}

/** Takes over what has changed besides the values: numbers, errors, new rows, and parts of the page. */
function takeOver(form, page) {
  for (const each of document.forms) {
    for (const name of numbers) {
      const number = counterpart(each, page)?.elements[name]
      if (number && each.elements[name] && !stateOf(each).hasConflict)
        each.elements[name].value = number.value
    }
  }
  const other = counterpart(form, page)
  if (other) {
    takeOverErrors(form, other)
    takeOverRows(form, other)
  }
  for (const part of document.querySelectorAll('[data-fresh]')) {
    const fresh = page.getElementById(part.id)
    if (!fresh || fresh.innerHTML === part.innerHTML || part.contains(document.activeElement)) continue
    part.replaceChildren(...fresh.childNodes)
  }
}

function takeOverErrors(form, other) {
  form.querySelector('#form-errors')?.remove()
  for (const control of form.querySelectorAll('[id][name]')) {
    const fresh = other.querySelector(`[id="${control.id}"]`)
    const [field, freshField] = [control, fresh].map(each => each?.closest('fieldset.field, .field, .check'))
    if (!field || !freshField) continue
    const [owner, freshOwner] = field.matches('fieldset') ? [field, freshField] : [control, fresh]
    for (const name of ['aria-invalid', 'aria-describedby']) {
      if (freshOwner.hasAttribute(name)) owner.setAttribute(name, freshOwner.getAttribute(name))
      else owner.removeAttribute(name)
    }
    field.classList.toggle('is-wrong', freshField.classList.contains('is-wrong'))
    const [error, freshError] = [field, freshField].map(each => each.querySelector('.field-error'))
    error?.remove()
    if (freshError) field.querySelector('.field-hint, legend, label').after(freshError)
  }
}

/** Adds the empty row at the end of a list, and the buttons of the row before, once that has been filled. */
function takeOverRows(form, other) {
  const lists = [...other.querySelectorAll('fieldset:has(> .form-row)')]
  for (const [n, list] of [...form.querySelectorAll('fieldset:has(> .form-row)')].entries()) {
    const rows = [...list.querySelectorAll(':scope > .form-row')]
    for (const [at, fresh] of [...(lists[n]?.querySelectorAll(':scope > .form-row') ?? [])].entries()) {
      const buttons = fresh.querySelector(':scope > .actions')
      if (!rows[at]) list.append(fresh)
      else if (buttons && !rows[at].querySelector(':scope > .actions')) rows[at].append(buttons)
    }
  }
}

const statusOf = form => form.querySelector('[data-status]')

function say(form, sentence, isFailing = false) {
  const status = statusOf(form)
  status.textContent = sentence.replace(/\s+/g, ' ').trim()
  status.classList.toggle('is-failing', isFailing)
}

/** Saves what is typed before a link of the page is followed. One that is refused keeps the reader here, once. */
async function saveBeforeLink(event) {
  const link = event.target.closest('a[href]')
  const isOther = event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey
  if (!link || event.defaultPrevented || isOther || link.target || link.getAttribute('href').startsWith('#'))
    return
  const open = draftForms().filter(form => isOpen(form) || stateOf(form).saving)
  if (!open.length) return
  event.preventDefault()
  await Promise.all(open.map(form => save(form)))
  const wrong = open.find(form => stateOf(form).typed > stateOf(form).saved)
  if (!wrong) return location.assign(link.href)
  const first = wrong.querySelector('[aria-invalid="true"]') ?? statusOf(wrong)
  first.focus()
}

/** Saves what is typed elsewhere on the page before a form is sent, which may show the page anew. */
function saveBeforeSubmit(event) {
  const { target: form, submitter } = event
  const isDraft = form.matches('[data-draft]')
  const open = draftForms().filter(each => stateOf(each).saving || (each !== form && isOpen(each)))
  if (!open.length) {
    if (!isDraft) return
    clearTimeout(stateOf(form).timer)
    stateOf(form).saved = stateOf(form).typed
    forget(form)
    return
  }
  event.preventDefault()
  event.stopImmediatePropagation()
  Promise.all(open.map(each => (each === form ? stateOf(each).saving : save(each)))).then(() =>
    form.requestSubmit(submitter),
  )
}

/** Keeps what is typed in this tab until it is saved: the server may refuse it, or not be there. */
function keep(form) {
  try {
    sessionStorage.setItem(`draft ${nameOf(form)}`, String(bodyOf(form)))
  } catch {
    // Full, or switched off: what is typed is still on the page.
  }
}

function forget(form) {
  sessionStorage.removeItem(`draft ${nameOf(form)}`)
}

/** Brings back what was typed and not saved, with the number of the draft that it was typed over. */
function restore(form) {
  const kept = new URLSearchParams(sessionStorage.getItem(`draft ${nameOf(form)}`) ?? '')
  const shown = bodyOf(form)
  const names = [...new Set([...kept.keys(), ...shown.keys()])].filter(
    name => ![...numbers, '_csrf'].includes(name),
  )
  const isSame = name => plain(kept.getAll(name)) === plain(shown.getAll(name))
  if (!kept.size || names.every(isSame)) return forget(form)
  for (const control of form.elements) {
    if (!control.name || control.name === '_csrf' || control.type === 'submit') continue
    const values = kept.getAll(control.name)
    if (['checkbox', 'radio'].includes(control.type)) control.checked = values.includes(control.value)
    else if (values.length) [control.value] = values
  }
  change(form)
}

/** Without what saving changes, such as spaces at the end. */
const plain = values => values.map(value => value.trim().toLowerCase()).join('\n')

document.addEventListener('input', ({ target }) => {
  if (target.form?.matches('[data-draft]') && target.name && target.name !== added) change(target.form)
})
document.addEventListener('keydown', event => {
  const form = event.target.form
  if (event.key !== 's' || !(event.ctrlKey || event.metaKey) || !form?.matches('[data-draft]')) return
  event.preventDefault()
  save(form)
})
document.addEventListener('visibilitychange', () => {
  if (document.visibilityState === 'hidden') draftForms().forEach(form => save(form, true))
})
addEventListener('online', () => draftForms().forEach(form => save(form)))
document.addEventListener('click', saveBeforeLink)
document.addEventListener('submit', saveBeforeSubmit, true)
draftForms().forEach(restore)
