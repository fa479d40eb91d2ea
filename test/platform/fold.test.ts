import { fold, searchFilter } from '../../src/platform/fold'
import { searchWords } from '../../src/people/search-words'
import { companyOf } from '../../src/people/company'
import { normaliseEmail } from '../../src/people/email-address'

/** What is typed, and whose record it must find: name, then email. */
const found: [typed: string, name: string, email?: string][] = [
  ['Amara Okonkwo', 'Amara Okonkwo'],
  ['okonkwo amara', 'Amara Okonkwo'],
  ['OKON', 'Amara Okonkwo'],
  ['Mei-Ling Tan', 'Mei-Ling Tan'],
  ['mei ling', 'Mei-Ling Tan'],
  ['meiling', 'Mei-Ling Tan'],
  ['ling', 'Mei-Ling Tan'],
  ['O’Brien', "Siobhán O'Brien"],
  ["O'Brien", 'Siobhán O’Brien'],
  ['obrien', "Siobhán O'Brien"],
  ['brien siobhan', "Siobhán O'Brien"],
  ["D'Angelo", 'Luca D’Angelo'],
  ['dangelo', 'Luca D’Angelo'],
  ['Strasse', 'Jörg Straße'],
  ['straße', 'Jörg Straße'],
  ['STRASSE', 'Jörg Straße'],
  ['STRAẞE', 'Jörg Strasse'],
  ['jorg', 'Jörg Straße'],
  ['Jo\u0308rg', 'Jörg Straße'],
  ['Dorde', 'Đorđe Petrović'],
  ['đorđe', 'Đorđe Petrović'],
  ['petrovic', 'Đorđe Petrović'],
  ['Lukasz', 'Łukasz Żółć'],
  ['zolc', 'Łukasz Żółć'],
  ['soren', 'Søren Kjærgaard'],
  ['kjaergaard', 'Søren Kjærgaard'],
  ['thor', 'Þór Guðmundsson'],
  ['gudmundsson', 'Þór Guðmundsson'],
  ['Nguyen', 'Nguyễn Thị Ánh Nguyệt'],
  ['nguyễn', 'Nguye\u0302\u0303n Thị Ánh Nguyệt'],
  ['anh nguyet', 'Nguyễn Thị Ánh Nguyệt'],
  ['Istanbullu', 'İlker İstanbullu'],
  ['ilker', 'İlker Işık'],
  ['isik', 'İlker Işık'],
  ['francois', 'François Lefèvre'],
  ['Lefe\u0300vre', 'François Lefèvre'],
  ['nunez', 'Begoña Núñez'],
  ['dvorak', 'Antonín Dvořák'],
  ['kovacs', 'Őrsi Kovács'],
  ['orsi', 'Őrsi Kovács'],
  ['Jean-Luc', 'Jean‑Luc Picard'],
  ['smith jones', 'Anna Smith-Jones'],
  ['van der Berg', 'Pieter van der Berg'],
  ['berg', 'Pieter van der Berg'],
  ['J.R.R.', 'J.R.R. Tolkien'],
  ['jrr tolkien', 'J.R.R. Tolkien'],
  ['Иванов', 'Пётр Иванов'],
  ['петр', 'Пётр Иванов'],
  ['андрей', 'Андрей Шевченко'],
  ['αλεξης', 'Αλέξης Παπαδόπουλος'],
  ['παπαδοπουλος', 'Αλέξης Παπαδόπουλος'],
  ['王小明', '王小明'],
  ['小明', '王小明'],
  ['明', '王小明'],
  ['さくら', '田中さくら'],
  ['がく', '山田がく'],
  ['민준', '김민준'],
  ['مريم', 'مريم الحسن'],
  ['حسن', 'مريم الحسن'],
  ['الحسن', 'مَرْيَم الحَسَن'],
  ['احمد', 'أحمد علي'],
  ['דוד', 'דָּוִד כהן'],
  ['शर्मा', 'अनिल शर्मा'],
  ['Ｔａｎ', 'Mei-Ling Tan'],
  ['amara@northwind', 'Amara', 'amara@northwind-pumps.example'],
  ['northwind-pumps.example', 'Amara', 'amara@northwind-pumps.example'],
  ['pumps', 'Amara', 'amara@northwind-pumps.example'],
  ['Northwind Pumps', 'Amara', 'amara@northwind-pumps.example'],
  ['max@bücher-handel.example', 'Max', 'max@bücher-handel.example'],
  ['Bücher Handel', 'Max', 'max@bücher-handel.example'],
  ['bucher', 'Max', 'max@bücher-handel.example'],
  ['xn--bcher-handel-dlb', 'Max', 'max@bücher-handel.example'],
  ['ada.l+pumps@works.example', 'Ada', 'ada.l+pumps@works.example'],
]

const notFound: [typed: string, name: string][] = [
  ['konkwo', 'Amara Okonkwo'],
  ['amara tan', 'Amara Okonkwo'],
  ['かく', '山田がく'],
  ['कमल', 'अनिल शर्मा'],
]

const anyEmail = 'person@company.example'

/** Whether a typed search finds a person with this name and address. */
function finds(typed: string, name: string, typedEmail = anyEmail): boolean {
  const email = normaliseEmail(typedEmail)
  const words = searchWords({ name, email, company: companyOf(email).company })
  const { $and: conditions = [] } = searchFilter(typed)
  return conditions.length > 0 && conditions.every(({ search }) => words.some(word => search.test(word)))
}

test.each(found.map(([typed, name, email = anyEmail]) => [typed, name, email] as const))(
  'who types “%s” finds %s',
  (typed, name, email) => {
    expect(finds(typed, name, email)).toBe(true)
  },
)

test.each(notFound)('who types “%s” does not find %s', (typed, name) => {
  expect(finds(typed, name)).toBe(false)
})

test('an empty search finds everything, one without letters and digits nothing, and a pattern is no pattern', () => {
  expect(searchFilter(' --- ')).toEqual({ search: '' })
  expect(searchFilter('  ')).toEqual({})
  expect(finds('.*', 'Amara')).toBe(false)
  expect(finds('a(b', 'A(b')).toBe(true)
  expect(fold('ﬁ ½ ª')).toBe('fi 1⁄2 a')
})

test('a very long search costs no more than its first eight words', () => {
  expect(searchFilter('a b c d e f g h i j k'.repeat(10)).$and).toHaveLength(8)
})
