// Items of a playlist are dragged into another order, beside the buttons that do the same.

import { dragIntoOrder } from './rows.js'

const list = document.querySelector('[data-position]')
const token = list?.querySelector('[name="_csrf"]')?.value

if (token) {
  dragIntoOrder(list, {
    kind: 'item',
    token,
    onFail: () => {
      list.parentElement.querySelector('[data-status]').textContent = list.dataset.failed
    },
  })
}
