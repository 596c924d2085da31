import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inSequence, kubectl, wiSetup } from '../../../src/base/command.ts'
import { noTarget, scriptText } from '../../../src/base/command-text.ts'
import { quoted, type Shell, userShell } from '../../../src/base/shell.ts'

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
  for (const value of ['%PATH%', 'say "hi"', 'a^b', 'a!b', 'a\nb']) assert.equal(quote(value), '…')
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
