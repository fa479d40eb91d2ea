import { problemsOn } from '../kit/browser'
import { authorAt, closeStudio, openStudio, savedText, textOf, writeAtEnd } from './lesson-editor-page'

beforeAll(openStudio, 60_000)
afterAll(closeStudio)

test('what is typed as Markdown becomes formatting, and the slash menu inserts blocks', async () => {
  const author = await authorAt('')
  const { page, consoleMessages } = author
  await writeAtEnd(page, '## Title')
  await page.keyboard.press('Enter')
  await page.keyboard.type('Some **bold** and `code`')
  await page.keyboard.press('Enter')
  await page.keyboard.type('- [x] done')
  await page.keyboard.press('Enter')
  await page.keyboard.type('open')
  await page.keyboard.press('Control+Enter')
  await page.keyboard.press('Control+Enter')
  for (let n = 0; n < 2; n++) await page.keyboard.press('Enter')
  await page.keyboard.type('/tab')
  expect(await page.locator('#slash-menu').getByRole('option').count()).toBe(1)
  await page.keyboard.press('Enter')
  for (const cell of ['A', 'B', '1', '2']) {
    await page.keyboard.type(cell)
    await page.keyboard.press('Tab')
  }
  await page.keyboard.press('Control+Enter')
  await page.keyboard.type('/nothing like this')
  await page.keyboard.press('Enter')
  await page.keyboard.type('/call')
  await page.keyboard.press('Enter')
  await page.keyboard.type('slowly')
  expect(await textOf(page)).toBe(
    [
      '## Title\n\nSome **bold** and `code`\n\n- [x] done\n- [ ] open\n',
      '| A | B |\n|---|---|\n| 1 | 2 |\n| | |\n',
      '/nothing like this\n\n> **Note:** slowly\n',
    ].join('\n'),
  )
  expect(consoleMessages).toEqual([])
})

test('blocks move by key and by the menu of their handle, and a move can be undone', async () => {
  const { page } = await authorAt('a\n\nb\n\nc\n')
  await page.getByText('b', { exact: true }).click()
  await page.keyboard.press('Alt+ArrowUp')
  expect(await textOf(page)).toBe('b\n\na\n\nc\n')
  await page.getByRole('button', { name: 'Move or change this block' }).focus()
  await page.keyboard.press('Enter')
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Enter')
  expect(await textOf(page)).toBe('a\n\nb\n\nc\n')
  await page.keyboard.press('Control+z')
  expect(await textOf(page)).toBe('b\n\na\n\nc\n')
})

test('a block is dragged by the handle that appears beside it', async () => {
  const { page } = await authorAt('one\n\ntwo\n\nthree\n')
  await page.getByText('one', { exact: true }).hover()
  const handle = (await page.locator('[data-handle]').boundingBox())!
  const last = (await page.getByText('three', { exact: true }).boundingBox())!
  await page.mouse.move(handle.x + 12, handle.y + 12)
  await page.mouse.down()
  await page.mouse.move(handle.x + 40, handle.y + 40, { steps: 4 })
  await page.mouse.move(last.x + last.width - 20, last.y + last.height - 3, { steps: 4 })
  await page.mouse.up()
  expect(await textOf(page)).toBe('two\n\nthree\n\none\n')
})

test('everyone can use the editor, its menus and dialogs, in any window', async () => {
  const { page, consoleMessages } = await authorAt(
    '```sh\nls\n```\n\n## Title\n\nText\n\n- [ ] task\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n![](assets/x.png)\n\n```quiz\nprompt: What?\n```\n\n- a\n',
  )
  const problems = await problemsOn(page)
  expect(consoleMessages).toEqual([])
  // An open menu lies over what is below it: here, over text.
  await authorAt('Text\n\n'.repeat(20))
  await writeAtEnd(page, ' /')
  await page.locator('#slash-menu').getByRole('option').first().waitFor()
  problems.push(...(await problemsOn(page)))
  await page.keyboard.press('Escape')
  await page.keyboard.press('Control+/')
  await page.getByRole('heading', { name: 'Keyboard shortcuts' }).waitFor()
  problems.push(...(await problemsOn(page)))
  await page.keyboard.press('Escape')
  await page.keyboard.press('Control+k')
  await page.getByLabel('Link to').waitFor()
  problems.push(...(await problemsOn(page)))
  expect(problems).toEqual([])
  expect(consoleMessages).toEqual([])
})

test('a practice question is a form that is filled with the keyboard alone', async () => {
  const { page, consoleMessages } = await authorAt('')
  await writeAtEnd(page, '/one right')
  await page.keyboard.press('Enter')
  // The new question has the focus.
  await page.keyboard.press('Control+a')
  await page.keyboard.type('What is 1: the "first"?')
  await page.keyboard.press('Enter')
  await page.keyboard.press('Control+a')
  await page.keyboard.type('This')
  await page.keyboard.press('Tab')
  await page.keyboard.press('Control+a')
  await page.keyboard.type('It is.')
  await page.getByLabel('Answer 2', { exact: true }).press('Enter')
  await page.keyboard.type('Neither')
  await page.getByLabel('Right: Answer 3').check()
  expect((await textOf(page)).replace(/q-[0-9a-f]{8}/, 'q-new')).toBe(
    [
      '```quiz\nid: q-new\nkind: single\nprompt: \'What is 1: the "first"?\'\nchoices:',
      '  - content: This\n    isCorrect: false\n    explanation: It is.',
      '  - content: A wrong answer\n    explanation: Why it is wrong.',
      '  - content: Neither\n    isCorrect: true\n```\n',
    ].join('\n'),
  )
  expect(consoleMessages).toEqual([])
})

test('a question of another kind is added in place, written in its form, and shown in plain words', async () => {
  const author = await authorAt(`${'Text\n\n'.repeat(40)}Last\n`)
  const { page, consoleMessages } = author
  await page.getByText('Last', { exact: true }).click()
  await page.getByRole('button', { name: 'Add question' }).click()
  await page.getByRole('button', { name: 'Match' }).click()
  const block = page.locator('.question-block')
  await block.getByText('First item: Its match').waitFor()
  expect(await block.innerText()).not.toContain('pairs:')
  await page.keyboard.press('Enter')
  await page.waitForURL('**/questions/q-*')
  await page.locator('[name="prompt"]').fill('Which goes with which?')
  await page.getByRole('link', { name: 'Show in the lesson' }).click()
  await page.waitForURL('**/lessons/lesson-1#line-*')
  await page.locator('.question-block.is-chosen', { hasText: 'Which goes with which?' }).waitFor()
  expect(await page.evaluate<number>('scrollY')).toBeGreaterThan(300)
  // A copy has an id of its own.
  await page.locator('.ProseMirror').press('Control+Shift+d')
  await page.locator('.question-block').nth(1).getByText('First item: Its match').waitFor()
  const ids = (await textOf(page)).match(/^id: .*$/gm)!
  expect(new Set(ids).size).toBe(2)

  // "Back" leads to the same place, with what the form has changed.
  // What is typed before the form's script runs is saved, too.
  const script = '**/js/quiz-editor.js*'
  let release = () => {}
  await page.route(script, async route => {
    await new Promise<void>(resolve => (release = resolve))
    await route.continue()
  })
  await Promise.all([
    page.waitForRequest(script),
    block.first().getByRole('link', { name: 'Edit question' }).click(),
  ])
  await page.locator('[name="prompt"]').fill('And which now?')
  release()
  await page.locator('[data-show-kind].visually-hidden').waitFor({ state: 'attached' })
  await page.locator('[data-save]').click()
  await page.locator('[data-prompt]', { hasText: 'And which now?' }).waitFor()
  await page.goBack()
  await page.locator('.question-block.is-chosen', { hasText: 'And which now?' }).waitFor()
  expect(await savedText(author, 'And which now?')).toBe(await textOf(page))
  expect(consoleMessages).toEqual([])
})

test('a question that can’t be read says why, until its text is right', async () => {
  const { page } = await authorAt('```quiz\nkind: order\nprompt: Which first?\nitems:\n  - One\n```\n')
  const block = page.locator('.question-block')
  await block.locator('.question-problem', { hasText: '“items”' }).waitFor()
  const source = block.getByLabel('Question as text')
  await source.fill((await source.inputValue()).replace('  - One\n', '  - One\n  - Two\n'))
  await page.locator('#title').focus()
  await block.getByRole('listitem').filter({ hasText: 'Two' }).waitFor()
  expect(await block.locator('.question-problem').isVisible()).toBe(false)
})

test('the toolbar is one stop of the Tab key, and arrows go through it', async () => {
  const { page } = await authorAt('Text\n')
  await page.locator('.ProseMirror').focus()
  await page.keyboard.press('Control+a')
  await page.keyboard.press('Alt+F10')
  const focused = () => page.evaluate<string>('document.activeElement.getAttribute("aria-label")')
  expect(await focused()).toBe('Type of block')
  for (const name of ['Undo', 'Redo', 'Bold']) {
    await page.keyboard.press('ArrowRight')
    expect(await focused()).toBe(name)
  }
  await page.keyboard.press('Enter')
  expect(await textOf(page)).toBe('**Text**\n')
  expect(await page.locator('[data-toolbar] [tabindex="0"]').count()).toBe(1)
})

test('a page of another site, text to open and a decorative picture are written by hand and menu', async () => {
  const lesson = await authorAt('![](assets/a.png)\n\nEnd.\n')
  const { page } = lesson
  await page.locator('.picture-decorative input').first().check()
  await writeAtEnd(page, '\n/emb')
  await page.locator('#slash-menu').getByRole('option', { name: 'Embed' }).waitFor()
  await page.keyboard.press('Enter')
  await page.locator('.picture.is-page > input').fill('https://vimeo.com/76979871')
  await page.keyboard.press('Enter')
  await page.keyboard.type('Our film')
  await page.keyboard.press('Enter')
  await page.keyboard.type('/text to')
  await page.locator('#slash-menu').getByRole('option', { name: 'Text to open' }).waitFor()
  await page.keyboard.press('Enter')
  await page.keyboard.press('End')
  await page.keyboard.type(' about it')
  await page.keyboard.press('Enter')
  await page.keyboard.type('Hidden at first.')
  expect(await savedText(lesson, 'at first.')).toBe(
    '<img src="assets/a.png" alt="">\n\nEnd.\n\n![Our film](https://vimeo.com/76979871)\n\n' +
      '<details>\n<summary>More about it</summary>\n\nHidden at first.\n\n</details>\n',
  )
})
