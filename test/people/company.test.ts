import { companyOf, registrableDomain } from '../../src/people/company'
import {
  invalidEmailReason,
  hashOfEmail,
  normaliseEmail,
  shownDomain,
  shownEmail,
} from '../../src/people/email-address'
import { mailDomain } from '../../src/people/sign-up-rules'
import { isTooCommon } from '../../src/people/password'

test.each([
  ['amara@northwind-pumps.com', 'northwind-pumps.com', 'Northwind Pumps'],
  ['a@mail.leeds.northwind.co.uk', 'northwind.co.uk', 'Northwind'],
  ['a@eu.example.com.au', 'example.com.au', 'Example'],
  ['a@mail.northwind.uk.com', 'northwind.uk.com', 'Northwind'],
  ['max@bücher-handel.example', 'xn--bcher-handel-dlb.example', 'Bücher Handel'],
  ['max@xn--bcher-handel-dlb.example', 'xn--bcher-handel-dlb.example', 'Bücher Handel'],
])('%s works at %s', (email, domain, name) => {
  expect(companyOf(email)).toEqual({ company: { domain, name }, emailKind: 'company' })
})

test.each([
  ['somebody@gmail.com', 'free'],
  ['somebody@seznam.cz', 'free'],
  ['somebody@mailinator.com', 'disposable'],
  ['somebody@sub.mailinator.com', 'disposable'],
  ['student@cam.ac.uk', 'university'],
  ['student@cs.stanford.edu', 'university'],
  ['student@uni-jena.de', 'university'],
])('%s makes no company: a %s address', (email, emailKind) => {
  expect(companyOf(email)).toEqual({ company: null, emailKind })
})

test('those who have a domain below the same ending aren’t colleagues, and nobody can name them all', () => {
  expect(registrableDomain('https://www.northwind.uk.com/')).toBe('northwind.uk.com')
  expect(registrableDomain('eve@evil.uk.com')).toBe('evil.uk.com')
  for (const ending of ['co.uk', 'uk.com', 'github.io']) {
    expect([ending, registrableDomain(ending), mailDomain(ending)]).toEqual([ending, null, null])
    expect(companyOf(`eve@${ending}`)).toEqual({ company: null, emailKind: 'free' })
  }
})

test('an address and a domain are shown in letters', () => {
  expect(shownEmail('max@xn--bcher-handel-dlb.example')).toBe('max@bücher-handel.example')
  expect(shownEmail('amara@northwind-pumps.com')).toBe('amara@northwind-pumps.com')
  expect(shownDomain('xn--80aafbdatz.example')).not.toContain('xn--')
  expect(shownDomain('xn--a.example')).toBe('xn--a.example')
})

test('an address is one address however it is typed', () => {
  expect(normaliseEmail('  Amara@Northwind-Pumps.COM ')).toBe('amara@northwind-pumps.com')
  expect(normaliseEmail('jana@příklad.cz')).toBe('jana@xn--pklad-zsa96e.cz')
  expect(hashOfEmail('A@B.com')).toBe(hashOfEmail(' a@b.COM'))
})

test.each([
  ['amara@northwind-pumps.com', null],
  ["o'brien+news@mail.example.co.uk", null],
  ['amara', 'at'],
  ['@northwind.com', 'at'],
  ['amara@northwind', 'ending'],
  ['a b@northwind.com', 'form'],
  ['a@b@northwind.com', 'form'],
  ['a@127.0.0.1', 'form'],
  ['a..b@northwind.com', 'form'],
  ['a@-.com', 'form'],
])('%s: %s', (email, fault) => {
  expect(invalidEmailReason(email)).toBe(fault)
})

test.each([
  'password123',
  'Password123!',
  'qwertyuiop',
  '1234567890',
  'aaaaaaaaaaaa',
  'abcdefghij',
  'letmeinnow!',
])('the password %s is too common', password => expect(isTooCommon(password)).toBe(true))

test.each(['learn-and-sell', 'correct horse battery', 'passwords are old hat', '7mYvK2pQ9z'])(
  'the password %s is allowed',
  password => expect(isTooCommon(password)).toBe(false),
)
