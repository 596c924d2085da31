import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { commandTexts } from '../support/command-text.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** The titles of these reports name the command that wrote them. */
const titles = ['src/ui/junit.ts', 'src/ui/report/html.ts', 'src/ui/report/markdown.ts']

test('every command is built from its arguments (src/base/command.ts), not as text', () => {
  const paths = globSync('src/**/*.ts', { cwd: root }).filter((path) => !titles.includes(path))
  const found = paths.flatMap((path) =>
    commandTexts(path, readFileSync(`${root}/${path}`, 'utf8')).map((line) => `${path}:${line}`),
  )
  assert.deepEqual(found, [])
})

const examples: Record<string, [source: string, isText: boolean]> = {
  'a template with a value': ['const a = (b: string) => `kubectl get pod ${b}`', true],
  'a value within a sentence': ['const a = (b: string) => `Then run az group show --name ${b}`', true],
  'a value in a template that a builder takes': ['const a = (b: string) => command(`az group ${b}`)', true],
  'a constant': [`const a = 'npx wi-setup verify'`, true],
  'a constant of this program': [`const a = { remedy: 'wi-setup verify --wait 5m' }`, true],
  'a constant within a sentence': [`const a = 'Or run az group list --output table'`, true],
  'a constant that a builder takes': [`const a = command('kubectl get pods')`, false],
  arguments: [`const a = az('group show', { name })`, false],
  'a sentence about a command': [`const a = 'AKS retries after "az aks update"'`, false],
  'a cause': [`const a = { why: ['az login was not run'] }`, false],
}

for (const [name, [source, isText]] of Object.entries(examples))
  test(`${name} is ${isText ? 'reported' : 'allowed'}`, () => {
    assert.deepEqual(commandTexts('a.ts', source), isText ? [1] : [])
  })
