import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import mongoose from 'mongoose'
import { openAcademy, type Academy } from '../kit/academy'

const source = join(__dirname, '../../src')

let academy: Academy
beforeAll(async () => (academy = await openAcademy()))
afterAll(() => academy.close())

test('every record is known, and its indexes made, before the port opens', async () => {
  const definitions = readdirSync(source, { recursive: true, encoding: 'utf8' })
    .filter(file => file.endsWith('.ts'))
    .flatMap(file => [
      ...readFileSync(join(source, file), 'utf8').matchAll(
        /\bdefine(Record|Queue|Versioned|BrandPage)\b[^(]*\(\s*(?:\{\s*name: )?'(\w+)'/g,
      ),
    ])
    .flatMap(([, kind, name]) => (/Versioned|BrandPage/.test(kind!) ? [name!, `${name}Version`] : [name!]))
  expect(
    mongoose
      .modelNames()
      .filter(name => !name.startsWith('Test'))
      .sort(),
  ).toEqual(definitions.sort())
  for (const model of Object.values(mongoose.models).filter(({ schema }) => schema.indexes().length)) {
    const made = (await model.collection.indexes()).map(({ key }) => JSON.stringify(key))
    for (const [key] of model.schema.indexes()) expect(made).toContain(JSON.stringify(key))
  }
})

test('no index is made later, while requests write', () => {
  const makers = readdirSync(source, { recursive: true, encoding: 'utf8' })
    .filter(file => file.endsWith('.ts') && !file.startsWith('store/'))
    .filter(file =>
      /createIndex|ensureIndex\b|autoRemove: 'native'/.test(readFileSync(join(source, file), 'utf8')),
    )
  expect(makers).toEqual(['platform/database.ts'])
})
