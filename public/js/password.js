// "Show" beside a password field. The button needs scripts, and the password is hidden again before the form is sent.
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
