// "Show" beside a password: there only with a script, and the field is hidden again before it is sent.
for (const button of document.querySelectorAll('[data-shows]')) {
  const field = document.getElementById(button.dataset.shows)
  const words = { password: button.textContent, text: button.dataset.hide }
  const turn = type => {
    field.type = type
    button.textContent = words[type]
  }
  button.hidden = false
  button.addEventListener('click', () => turn(field.type === 'password' ? 'text' : 'password'))
  field.form.addEventListener('submit', () => turn('password'))
}
