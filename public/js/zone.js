// Tells the server the time zone of this browser, so that the days and times on its pages are the reader's.

const zone = Intl.DateTimeFormat().resolvedOptions().timeZone
const shown = document.querySelector('[data-zone]')?.dataset.zone
const cookie = `time-zone=${zone.replaceAll('/', '%2F')}`
const isKept = () => document.cookie.split('; ').includes(cookie)

if (shown && shown !== zone && !isKept()) {
  const secure = location.protocol === 'https:' ? '; secure' : ''
  document.cookie = `${cookie}; path=/; max-age=31536000; samesite=lax${secure}`
  // A message is shown once, so its page isn't loaded again.
  if (isKept() && !document.querySelector('.flash')) location.reload()
}
