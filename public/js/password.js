// The "Show" button beside a password, hidden where scripts don't run. The field is masked again on submit.
for (const button of document.querySelectorAll('[data-shows]')) {
  const field = document.getElementById(button.dataset.shows)
  const labels = { password: button.textContent, text: button.dataset.hide }
  const setType = type => {
    field.type = type
    button.textContent = labels[type]
  }
  button.hidden = false
  button.addEventListener('click', () => setType(field.type === 'password' ? 'text' : 'password'))
  field.form.addEventListener('submit', () => setType('password'))
}
