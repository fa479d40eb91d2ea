// Counts down to a moment: how long two secrets still sign.
for (const time of document.querySelectorAll('[data-countdown]')) {
  const until = Date.parse(time.dateTime)
  const show = () => {
    const left = Math.floor((until - Date.now()) / 1000)
    if (left <= 0) return void (time.textContent = time.dataset.countdown)
    const two = number => String(number).padStart(2, '0')
    time.textContent = `${Math.floor(left / 3600)}:${two(Math.floor(left / 60) % 60)}:${two(left % 60)}`
    setTimeout(show, 1000 - (Date.now() % 1000))
  }
  show()
}
