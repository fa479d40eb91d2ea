import { randomBytes } from 'node:crypto'
import sharp from 'sharp'
import { assetBytes } from '../../src/courses/asset'
import { problemsOn } from '../kit/browser'
import { closeStudio, openStudio, savedText, writeAtEnd } from './lesson-editor-page'
import { assetOf, courseWith, draftOf, until } from './media-page'

beforeAll(openStudio, 60_000)
afterAll(closeStudio)

const picture = async (width = 400, height = 200) => ({
  type: 'image/png',
  width,
  height,
  bytes: await sharp({ create: { width, height, channels: 3, background: 'teal' } })
    .png()
    .toBuffer(),
})

test('a picture is cropped with the pointer and the keyboard, and its focal point is chosen in it', async () => {
  const { page, slug, consoleMessages } = await courseWith({ 'assets/pump.png': await picture() })
  await page.goto(`/studio/courses/${slug}/file?path=assets/pump.png`)
  const frame = page.getByLabel('Frame. Arrow keys move it.')
  const corner = page.locator('.crop-end-bottom')
  await corner.scrollIntoViewIfNeeded()
  const { x, y } = (await corner.boundingBox())!
  const tool = (await page.locator('[data-crop]').boundingBox())!
  await page.mouse.move(x + 5, y + 5)
  await page.mouse.down()
  await page.mouse.move(x + 5 - tool.width / 2, y + 5 - tool.height / 4, { steps: 4 })
  await page.mouse.up()
  const values = () =>
    page.evaluate<string[]>(
      `['left', 'top', 'width', 'height'].map(name => document.querySelector('[name="' + name + '"]').value)`,
    )
  expect(await values()).toEqual(['0', '0', '200', '150'])
  await frame.focus()
  await page.keyboard.press('ArrowRight')
  await page.keyboard.press('Shift+ArrowDown')
  expect(await values()).toEqual(['1', '50', '200', '150'])
  await corner.focus()
  await page.keyboard.press('ArrowLeft')
  await page.getByRole('button', { name: 'Crop everywhere' }).click()
  await page.getByText('was cropped, wherever it is used').waitFor()
  expect(await assetOf(slug, 'assets/pump.png')).toMatchObject({ width: 199, height: 150 })

  const mark = page.locator('[data-focus-mark]')
  const shown = (await page.locator('[data-focus-picture]').boundingBox())!
  await page
    .locator('[data-focus-picture]')
    .click({ position: { x: shown.width * 0.8, y: shown.height * 0.3 } })
  await mark.focus()
  await page.keyboard.press('Shift+ArrowLeft')
  expect(await mark.getAttribute('aria-label')).toMatch(/70% from the left, 30% from the top/)
  await page.getByRole('textbox', { name: 'Alt text' }).fill('A pump')
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await page.getByText('Saved.').waitFor()
  expect(await assetOf(slug, 'assets/pump.png')).toMatchObject({ alt: 'A pump', focus: { x: 70, y: 30 } })
  expect(await problemsOn(page)).toEqual([])
  expect(consoleMessages).toEqual([])
})

test('a large file that is dropped on the library arrives in parts, after a cut connection too', async () => {
  const { page, slug } = await courseWith({ 'assets/pump.png': await picture() })
  await page.goto(`/studio/courses/${slug}/files`)
  expect(await problemsOn(page)).toEqual([])
  const bytes = Buffer.from(randomBytes(5 * 1024 * 1024).toString('hex'))
  let cuts = 0
  const parts: string[] = []
  await page.route('**/uploads/*', async route => {
    const { 'upload-offset': offset } = route.request().headers()
    if (offset !== undefined) parts.push(offset)
    // The second part is lost on its way.
    if (offset !== String(8 * 1024 * 1024) || cuts) return route.continue()
    cuts++
    return route.abort('connectionreset')
  })
  await page
    .locator('input[type="file"]')
    .setInputFiles({ name: 'large.csv', mimeType: 'text/csv', buffer: bytes })
  await page.getByRole('button', { name: 'Add files' }).click()
  await page.locator('.name', { hasText: 'large.csv' }).waitFor()
  expect(cuts).toBe(1)
  expect(parts).toEqual(['0', '8388608', '8388608'])
  const asset = (await assetOf(slug, 'assets/large.csv'))!
  expect((await assetBytes(asset.hash))!.equals(bytes)).toBe(true)
  await page.unrouteAll()
})

test('an upload says how far it is, and its author can cancel it', async () => {
  const { page, slug } = await courseWith({ 'assets/pump.png': await picture() })
  await page.goto(`/studio/courses/${slug}/files`)
  await page.route('**/uploads/*', async route => {
    const { 'upload-offset': offset, 'x-http-method-override': method } = route.request().headers()
    if (method === 'PATCH' && offset !== '0') return
    return route.continue()
  })
  await page.evaluate(
    `(() => {
      const dataTransfer = new DataTransfer()
      const text = 'a,b,c,d,'.repeat(1.3 * 1024 * 1024)
      dataTransfer.items.add(new File([text], 'dropped.csv', { type: 'text/csv' }))
      document.body.dispatchEvent(new DragEvent('drop', { dataTransfer, bubbles: true, cancelable: true }))
    })()`,
  )
  await page.getByText('Uploading dropped.csv: 76%').waitFor()
  const cancelled = page.waitForRequest(request => request.headers()['x-http-method-override'] === 'DELETE')
  await page.getByRole('button', { name: 'Cancel' }).click()
  await cancelled
  await until(page, async () => (await page.locator('.upload-place').count()) === 0)
  expect((await draftOf(slug)).assets).toHaveLength(1)
  expect(await page.locator('[data-upload-problem]').isVisible()).toBe(false)
  await page.unrouteAll()
})

test('a file of the library is put into a text with its alt text', async () => {
  const author = await courseWith(
    {
      'assets/pump.png': { ...(await picture()), alt: 'Pump 7' },
      'assets/list.csv': { type: 'text/csv', bytes: Buffer.from('a') },
    },
    'Before\n',
  )
  const { page } = author
  await page.reload()
  await page.locator('.ProseMirror').waitFor()
  await writeAtEnd(page, '')
  await page.keyboard.press('Enter')
  await page.keyboard.type('/media')
  await page.keyboard.press('Enter')
  const dialog = page.getByRole('dialog', { name: 'From Media' })
  await dialog.getByLabel('Name or alt text').fill('pump 7')
  await dialog.getByRole('button', { name: /pump\.png/ }).click()
  // What is typed next doesn't replace the picture.
  await page.keyboard.type('After')
  expect(await savedText(author, 'After')).toBe('Before\n\n![Pump 7](assets/pump.png)\n\nAfter\n')
})
