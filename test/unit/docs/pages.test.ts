import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import type { Command } from 'commander'
import { pages, withTables } from '../../../docs/reference.ts'
import { commandLine, subcommands, tables } from '../../../docs/tables.ts'

const root = new URL('../../../', import.meta.url)
const read = (path: string) => readFileSync(new URL(path, root), 'utf8')
const documents = pages.map((page) => ({ page, text: read(page) }))

/** Flags of other programs, and the one that CONTRIBUTING.md adds as an example. */
const foreignFlags = ['--admin', '--service-account-issuer', '--issuer', '--first']

const flagsOf = (command: Command) => [
  '--help',
  ...command.options.flatMap(({ short, long }) => [short, long]).filter((flag) => flag !== undefined),
]
const allFlags = new Set([commandLine, ...subcommands(commandLine).map(([, each]) => each)].flatMap(flagsOf))

/** Every invocation of wi-setup in a page, as its arguments. */
function invocations(text: string): string[][] {
  const inShell = [
    ...text.replace(/\\\n/g, ' ').matchAll(/(?:npx wi-setup|node \S*wi-setup\.js)([^\n`|>#&;)]*)/g),
  ]
  const names = subcommands(commandLine).map(([name]) => name)
  const inline = [...text.matchAll(new RegExp(`\`((?:${names.join('|')}) --?[^\`\n]*)\``, 'g'))]
  return [...inShell, ...inline].map(([, line]) => line!.trim().split(/\s+/).filter(Boolean))
}

/** The command that the arguments select, or undefined if they begin with an unknown command. */
function commandOf(args: string[], command = commandLine): Command | undefined {
  const [first, ...rest] = args
  if (first === undefined || first.startsWith('-') || command.registeredArguments.length > 0) return command
  const child = command.commands.find((each) => each.name() === first)
  return child && commandOf(rest, child)
}

/** Anchors of a Markdown page, as GitHub derives them from its headings. */
function anchors(text: string): Set<string> {
  const found = new Set<string>()
  for (const [, heading] of text.replace(/^```[\s\S]*?^```/gm, '').matchAll(/^#+ (.+)$/gm)) {
    const slug = heading!
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-')
    let anchor = slug
    for (let n = 1; found.has(anchor); n++) anchor = `${slug}-${n}`
    found.add(anchor)
  }
  return found
}

test('the generated tables are current (npm run reference), and each is on a page', () => {
  for (const { page, text } of documents) assert.equal(text, withTables(text), page)
  for (const name of Object.keys(tables))
    assert.ok(
      documents.some(({ text }) => text.includes(`<!-- ${name} -->`)),
      `No page has the table ${name}`,
    )
})

test('commands on the pages exist and accept the flags shown with them', () => {
  for (const { page, text } of documents) {
    for (const args of invocations(text)) {
      const command = commandOf(args)
      assert.ok(command, `${page}: wi-setup ${args.join(' ')}`)
      for (const flag of args.filter((arg) => /^--?[a-z]/i.test(arg)))
        assert.ok(flagsOf(command).includes(flag), `${page}: ${flag} in wi-setup ${args.join(' ')}`)
    }
    for (const [, flag] of text.matchAll(/`(--[a-z][a-z-]*)/g))
      assert.ok(allFlags.has(flag!) || foreignFlags.includes(flag!), `${page}: ${flag}`)
  }
})

test('scripts and paths on the pages exist', () => {
  const { scripts } = JSON.parse(read('package.json'))
  for (const { page, text } of documents) {
    for (const [, script] of text.matchAll(/npm run ([\w:-]+)/g))
      assert.ok(scripts[script!], `${page}: ${script}`)
    for (const [, path] of text.matchAll(/`((?:src|sandbox|test|docs|bin)\/[\w./-]*)`/g))
      assert.ok(existsSync(new URL(path!, root)) || /vault-address/.test(path!), `${page}: ${path}`)
  }
})

test('links between the pages lead to a file and a heading that exist', () => {
  for (const { page, text } of documents)
    for (const [, link] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^https?:/.test(link!)) continue
      const [path, anchor] = link!.split('#')
      const target = path ? new URL(path, new URL(page, root)) : new URL(page, root)
      assert.ok(existsSync(target), `${page}: ${link}`)
      if (anchor) assert.ok(anchors(readFileSync(target, 'utf8')).has(anchor), `${page}: ${link}`)
    }
})

test('README.md has at most 250 lines', () => {
  assert.ok(read('README.md').trimEnd().split('\n').length <= 250)
})
