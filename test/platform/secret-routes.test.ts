import { withoutSecrets } from '../../src/platform/secret-routes'
import { cpuTimeOf } from '../kit/cpu-time'

test.each([
  'https://academy.example/lead-actions/TOKEN123',
  'https:\\/\\/academy.example\\/lead-actions\\/TOKEN123',
  'https:\\u002f\\u002facademy.example\\u002Flead-actions\\u002fTOKEN123',
  '&#x2F;lead-actions&#x2F;TOKEN123',
  '&#47;lead-actions&#047;TOKEN123',
  '&sol;lead-actions&amp;sol;TOKEN123',
  '%252Flead-actions%252FTOKEN123',
])('the token in %s is not stored', text => {
  expect(withoutSecrets(text)).not.toContain('TOKEN123')
})

test.each(['/', '\\', '&#x2f;', '\\u002f', '%2f', '/links', '%25'])(
  'endless “%s” are read in a moment',
  async piece => {
    expect(await cpuTimeOf(() => withoutSecrets(piece.repeat(20_000)))).toBeLessThan(1000)
  },
)
