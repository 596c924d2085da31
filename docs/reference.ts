import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { checksPage } from './checks.ts'
import { withGeneratedRoles } from './cronjob-roles.ts'
import { tables } from './tables.ts'

const root = new URL('..', import.meta.url)
const generatedPage = 'docs/checks.md'

/** The handwritten pages, relative to the root of the repository. */
export const pages = [
  'README.md',
  'CONTRIBUTING.md',
  ...readdirSync(new URL('docs', root))
    .filter((file) => file.endsWith('.md'))
    .map((file) => `docs/${file}`)
    .filter((page) => page !== generatedPage),
]

/** Returns the text with the table between each `<!-- name -->` and `<!-- /name -->` generated from the program. */
export const withTables = (text: string): string =>
  text.replace(/<!-- (\w+) -->\n[\s\S]*?<!-- \/\1 -->/g, (_, name: string) => {
    const table = tables[name]
    if (!table) throw new Error(`There is no table named ${name}`)
    return `<!-- ${name} -->\n${table()}\n<!-- /${name} -->`
  })

function rewrite(file: string, generate: (text: string) => string) {
  const url = new URL(file, root)
  writeFileSync(url, generate(readFileSync(url, 'utf8')))
}

if (import.meta.main) {
  rewrite(generatedPage, () => checksPage())
  rewrite('docs/health-check/cronjob.yaml', withGeneratedRoles)
  for (const page of pages) rewrite(page, withTables)
}
