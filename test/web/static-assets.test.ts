import { execFile } from 'node:child_process'
import { resolve } from 'node:path'
import { promisify } from 'node:util'
import express from 'express'
import request from 'supertest'
import { config } from '../../src/platform/config'
import { assets } from '../../src/web/static-assets'

const before = { ...config }
afterEach(() => Object.assign(config, before))

function appWith(settings: Partial<typeof config>) {
  Object.assign(config, settings)
  const app = express()
  for (const [path, serve] of assets()) app.use(path, serve)
  return app
}

test('what the build makes of scripts and stylesheets is small, compressed, and whole', async () => {
  const code = `import('./scripts/build-assets.mjs').then(({ buildAssets }) => buildAssets())`
  await promisify(execFile)(process.execPath, ['-e', code], { cwd: resolve(__dirname, '../..') })
  const app = appWith({ production: true, builtAssets: true })
  const plain = await request(appWith({ production: true, builtAssets: false })).get('/css/academy.css?v=1')
  Object.assign(config, { builtAssets: true })
  for (const encoding of ['br', 'gzip']) {
    const sheet = await request(app).get('/css/academy.css?v=1').set('accept-encoding', encoding).expect(200)
    expect(sheet.headers).toMatchObject({
      'content-encoding': encoding,
      'cache-control': 'public, max-age=31536000, immutable',
      vary: 'Accept-Encoding',
      'content-type': 'text/css; charset=UTF-8',
    })
    expect(Number(sheet.headers['content-length'])).toBeLessThan(plain.text.length / 4)
  }
  const none = await request(app).get('/css/academy.css').set('accept-encoding', 'identity').expect(200)
  expect(none.headers['content-encoding']).toBeUndefined()
  expect(none.headers['cache-control']).toBe('no-cache')

  // Every script that a script imports is there, and its name changes with its content.
  const open = ['lesson.js', 'queue.js', 'player.js', 'offline-lesson.js', 'search.js']
  for (const name of open) {
    const script = await request(app).get(`/js/${name}?v=1`).expect(200)
    for (const [, imported] of script.text.matchAll(/from"\.\/([^"]+)"/g)) {
      if (open.includes(imported!)) continue
      open.push(imported!)
      const { headers } = await request(app).get(`/js/${imported}`).expect(200)
      expect(headers['cache-control']).toContain('immutable')
    }
  }
  expect(open.length).toBeGreaterThan(6)
}, 60_000)

test('without a build, files are served as they are written, and asked for again without the version', async () => {
  const app = appWith({ production: true, builtAssets: false })
  expect((await request(app).get('/js/report.js')).headers['cache-control']).toBe('no-cache')
  const { headers } = await request(app).get('/js/report.js?v=1').expect(200)
  expect(headers['cache-control']).toContain('immutable')
  const development = appWith({ production: false, builtAssets: false })
  expect((await request(development).get('/js/report.js?v=1')).headers['cache-control']).toBe('no-cache')
})
