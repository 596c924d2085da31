import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inSequence, instruction, kubectl, option, wiSetup } from '../../../src/base/command.ts'
import { commandsOf, noTarget, remedyText, scriptText } from '../../../src/base/command-text.ts'
import { needsLegacyPassing, quoted, quotedWords, type Shell, userShell } from '../../../src/base/shell.ts'
import { hostileNames } from '../../support/shells.ts'

const unicode = true
const quotes = (shell: Shell) => (value: string) => quoted(value, { shell, unicode })

// The rules: about_Quoting_Rules and about_Parsing in the documentation of PowerShell.
test('PowerShell: single quotes, doubled inside, and also the typographic ones', () => {
  const quote = quotes('powershell')
  assert.equal(quote('rg-shop'), 'rg-shop')
  assert.equal(quote('rg(prod)'), "'rg(prod)'")
  assert.equal(quote("it's $HOME; ls"), "'it''s $HOME; ls'")
  assert.equal(quote('’; ls'), "'’’; ls'")
  assert.equal(quote('@args'), "'@args'")
  assert.equal(quote('a,b'), "'a,b'")
  assert.equal(quote('a\n'), '([char]::ConvertFromUtf32(97)+[char]::ConvertFromUtf32(10))')
})

test('PowerShell: commands in order without &&, and a quoted program is called', () => {
  const target = { ...noTarget, shell: 'powershell', program: ['C:\\Program Files\\wi-setup.cmd'] } as const
  assert.equal(
    scriptText(inSequence(kubectl(['get', 'pods']), wiSetup('verify')), target),
    "kubectl get pods ; if ($?) { & 'C:\\Program Files\\wi-setup.cmd' verify }",
  )
})

test('cmd: double quotes, and a placeholder for what it would expand', () => {
  const quote = quotes('cmd')
  assert.equal(quote('a & b'), '"a & b"')
  for (const value of ['%PATH%', '"a" & b', 'a^b', 'a!b', 'a\nb']) assert.equal(quote(value), '…')
})

test('values with quotes and backslashes, as programs of Windows get them', () => {
  const rows: [value: string, cmd: string, powershell: string][] = [
    ['{"a":"b c"}', String.raw`"{\"a\":\"b c\"}"`, String.raw`'"{\"a\":\"b c\"}"'`],
    ['say "hi"', String.raw`"say \"hi\""`, String.raw`'"say \"hi\""'`],
    ['C:\\my dir\\', String.raw`"C:\my dir\\"`, String.raw`'"C:\my dir\\"'`],
    ['a b\\\\', String.raw`"a b\\\\"`, String.raw`'"a b\\\\"'`],
    ['a\\"b', String.raw`"a\\\"b"`, String.raw`'"a\\\"b"'`],
    ['it\'s "x"', String.raw`"it's \"x\""`, String.raw`'"it''s \"x\""'`],
    ['', '""', `'""'`],
    // No closing quote is added after these backslashes.
    ['C:\\dir\\', 'C:\\dir\\', 'C:\\dir\\'],
    ['a\\b c', '"a\\b c"', "'a\\b c'"],
    ['(a)\\', String.raw`"(a)\\"`, String.raw`'(a)\'`],
  ]
  for (const [value, cmd, powershell] of rows)
    assert.deepEqual([quotes('cmd')(value), quotes('powershell')(value)], [cmd, powershell], value)
})

/** Returns the arguments of a command line (learn: "Parsing C command-line arguments"). */
function argumentsOf(line: string): string[] {
  const args: string[] = []
  let [current, isQuoted, hasStarted] = ['', false, false]
  for (const [piece] of line.matchAll(/\\*"|\\+|\s|[^\\"\s]/g)) {
    if (/\s/.test(piece) && !isQuoted) {
      if (hasStarted) args.push(current)
      ;[current, hasStarted] = ['', false]
      continue
    }
    hasStarted = true
    const backslashes = piece.length - 1
    if (!piece.endsWith('"')) current += piece
    else {
      current += '\\'.repeat(Math.floor(backslashes / 2))
      if (backslashes % 2) current += '"'
      else isQuoted = !isQuoted
    }
  }
  return hasStarted ? [...args, current] : args
}

/** Returns how Windows PowerShell 5.1 puts a value into the command line of a program. */
const passedBy51 = (value: string) => (/\s/.test(value) && !value.startsWith('"') ? `"${value}"` : value)

/** Returns the value of a literal of PowerShell. */
const powershellValue = (text: string): string => {
  if (text.startsWith("'")) return text.slice(1, -1).replaceAll(/(['‘’‚‛])\1/g, '$1')
  const codes = [...text.matchAll(/ConvertFromUtf32\((\d+)\)/g)].map(([, code]) => Number(code))
  return codes.length ? String.fromCodePoint(...codes) : text
}

const values = [...hostileNames, '', '"', '\\', '\\"', '"a b', 'a b"', '{"a":["b \\\\ c\\"]}', 'x y\\\\\\']

for (const value of values)
  test(`a program of Windows gets exactly ${JSON.stringify(value)}`, () => {
    const passed = passedBy51(powershellValue(quotes('powershell')(value)))
    assert.deepEqual(argumentsOf(`program.exe ${passed} next`), ['program.exe', value, 'next'], passed)
    const cmd = quotes('cmd')(value)
    if (cmd !== '…') assert.deepEqual(argumentsOf(`program.exe ${cmd} next`), ['program.exe', value, 'next'])
  })

test('PowerShell 7.3 passes what is quoted for 5.1 as 5.1 does', () => {
  const text = (...args: string[]) =>
    scriptText(inSequence(kubectl(['patch', ...args]), wiSetup('verify')), {
      ...noTarget,
      shell: 'powershell',
    })
  assert.equal(
    text('{"a":1}'),
    String.raw`& { $PSNativeCommandArgumentPassing = 'Legacy' ; kubectl patch '"{\"a\":1}"' ; if ($?) { wi-setup verify } }`,
  )
  assert.doesNotMatch(text('a b'), /Legacy/)
})

test('words to add to a command, for each shell', () => {
  const words = ['--identity', "it's me"]
  const text = (shell: Shell, ...more: string[]) => quotedWords([...words, ...more], { shell, unicode })
  assert.equal(text('posix'), `--identity 'it'\\''s me'`)
  assert.equal(text('powershell'), `--identity 'it''s me'`)
  assert.equal(text('cmd'), `--identity "it's me"`)
  assert.ok(needsLegacyPassing('"'))
  assert.equal(text('powershell', '"'), `--identity 'it''s me' …`)
})

test('arguments in an instruction are quoted for the shell of the user, and are no command', () => {
  const remedy = instruction`Pass ${{ args: option('--vault-resource-group', 'rg (a)') }}, or run ${wiSetup('verify')}`
  const text = (shell: Shell) => remedyText(remedy, { ...noTarget, shell })
  assert.equal(text('powershell'), "Pass --vault-resource-group 'rg (a)', or run wi-setup verify")
  assert.equal(text('cmd'), 'Pass --vault-resource-group "rg (a)", or run wi-setup verify')
  assert.deepEqual(commandsOf(remedy, noTarget), [[['wi-setup', 'verify']]])
})

test('POSIX: characters that a terminal does not show are printed by their numbers', () => {
  const quote = quotes('posix')
  assert.equal(quote('a\u001b[2Jb'), `"$(printf 'a\\033\\1332Jb')"`)
  assert.match(quote('\u202egnp.exe'), /^"\$\(printf '\\342\\200\\256gnp\.exe'\)"$/)
  assert.equal(quote('ends with a break\n'), '…')
  assert.equal(quote('deployment/…'), 'deployment/…')
  // Where the terminal shows ASCII only, a typographic quote must not become a quote.
  assert.match(quoted('’; ls', { shell: 'posix', unicode: false }), /^"\$\(printf '\\342\\200\\231/)
})

test('the shell of the user', () => {
  const modules = 'C:\\Program Files\\WindowsPowerShell\\Modules;C:\\Windows\\system32\\Modules'
  assert.equal(userShell({}, 'linux'), 'posix')
  assert.equal(userShell({ PSModulePath: modules }, 'win32'), 'cmd')
  assert.equal(userShell({ PSModulePath: `C:\\Users\\jo\\Modules;${modules}` }, 'win32'), 'powershell')
  assert.equal(userShell({ SHELL: '/usr/bin/bash', PSModulePath: modules }, 'win32'), 'posix')
})
