// The bar at the bottom of a course's page leaves while the box with the same button is in view, and the links to the
// page's sections mark the one that is being read.

const bar = document.querySelector('[data-bar]')
const box = document.querySelector('[data-box]')
const links = [...document.querySelectorAll('.course-nav a')]

new IntersectionObserver(([entry]) => {
  bar.hidden = entry.isIntersecting
}).observe(box)

const seen = new Set()
const sections = links.map(link => document.getElementById(link.hash.slice(1)))
const observer = new IntersectionObserver(
  entries => {
    for (const { target, isIntersecting } of entries) {
      if (isIntersecting) seen.add(target)
      else seen.delete(target)
    }
    const at = sections.findIndex(section => seen.has(section))
    links.forEach((link, n) => {
      if (n === at) link.setAttribute('aria-current', 'true')
      else link.removeAttribute('aria-current')
    })
  },
  { rootMargin: '-10% 0px -60%' },
)
for (const section of sections) observer.observe(section)
