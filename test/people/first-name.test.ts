import { firstNameOf } from '../../src/people/first-name'

test.each([
  ['Ada Lovelace', 'Ada'],
  ['  Jean-Luc  de la Tour ', 'Jean-Luc'],
  ['Örjan Åberg', 'Örjan'],
  ['Ada', 'Ada'],
  ['王小明', '王小明'],
  ['A. Lovelace', 'A. Lovelace'],
  ['Dr Ada Lovelace', 'Dr Ada Lovelace'],
  ['Lovelace, Ada', 'Lovelace, Ada'],
  ['<b>Ada</b> Lovelace', '<b>Ada</b> Lovelace'],
])('an email to %s greets %s', (name, greeted) => {
  expect(firstNameOf(name)).toBe(greeted)
})
