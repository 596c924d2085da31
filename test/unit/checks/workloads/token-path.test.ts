import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { hasOldPath, withNewPath, withVariable } from '../../../../src/checks/workloads/replace-token-path.ts'

const oldFolder = '/var/run/secrets/azure/tokens'
const old = `${oldFolder}/azure-identity-token`
const newFolder = '/var/run/secrets/azure/wi/token'
const variable = 'AZURE_FEDERATED_TOKEN_FILE'

const folder = mkdtempSync(join(tmpdir(), 'token-path-'))
const file = join(folder, 'azure-identity-token')
writeFileSync(file, 'the-token')
const scriptFile = join(mkdtempSync(join(tmpdir(), 'token-path-')), 's.sh')

/** Expands `$(NAME)` and `$$` as Kubernetes does (third_party/forked/golang/expansion). */
function expand(text: string): string {
  let result = ''
  for (let at = 0; at < text.length; at++) {
    const end = text.indexOf(')', at)
    if (text[at] !== '$' || at + 1 === text.length) result += text[at]
    else if (text[at + 1] === '(' && end > 0) {
      const name = text.slice(at + 2, end)
      result += name === variable ? file : `$(${name})`
      at = end
    } else {
      result += text[at + 1] === '$' ? '$' : text.slice(at, at + 2)
      at++
    }
  }
  return result
}

const run = (script: string) =>
  execFileSync('sh', ['-c', script], { encoding: 'utf8', env: { PATH: process.env.PATH, [variable]: file } })

/** Scripts as in manifests. `expand` changes the scripts with `$$`, with the old path as with the new one. */
const scripts = [
  `printf '<%s>' --federated-token $(cat ${old})`,
  `printf '<%s>' --federated-token "$(cat ${old})"\nprintf done`,
  `printf '<%s>' "$(cat "${old}")" '$(cat ${old})'`,
  `printf '<%s>' "$(cat '${old}')"`,
  `printf '<%s>' ${old}, "${old};" [${old}] '{"file":"${old}"}'`,
  `(cat ${old})|cat;cat<${old}&& printf x`,
  `cat \`printf '%s' ${old}\``,
  `x=$(cat ${old}|tr a-z A-Z) && printf "$x$(cat ${old})"`,
  `cd ${oldFolder} && cat azure-identity-token`,
  `ls ${oldFolder}/ && cat ${oldFolder}/*`,
  `test -f ${old} || exit 3; printf 'reads %s.' ${old}`,
  `printf '%s' "it's $(cat ${old})" 'it"s' "$(head -c 3 ${old})"`,
  `# Don't cache\nprintf '%s' $(printf '%s' 'cat ${old}')`,
  `printf '%s' "$(cat ${old})" # it's the token\nprintf '%s' $(printf '%s' '${old}')`,
  `printf '%s' a#'b' "$(cat '${old}')"`,
  `cat >s.sh <<'EOF'\nprintf '%s' "$(cat ${old})"\nEOF\nsh s.sh`.replaceAll('s.sh', scriptFile),
  `f=\${TOKEN_FILE:-${old}}; cat "$f"`,
  `cat $(printf '%s' "${oldFolder}/*")`,
]

for (const script of scripts)
  test(`the corrected script does the same: ${script.replaceAll(oldFolder, '…')}`, () => {
    const wanted = run(expand(script.replaceAll(oldFolder, folder)))
    const corrected = withVariable(script)
    assert.ok(!hasOldPath(corrected))
    assert.equal(run(expand(corrected).replaceAll(newFolder, folder)), wanted, corrected)
    assert.equal(run(expand(withNewPath(script)).replaceAll(newFolder, folder)), wanted)
  })

test('PowerShell gets the path in its own `$(…)`, where the variable would be one of PowerShell', () => {
  const script = `az login --federated-token $(Get-Content -Path '${old}') "$(gc ${old})"`
  const corrected = `az login --federated-token $(Get-Content -Path '${newFolder}/azure-identity-token') "$(gc ${newFolder}/azure-identity-token)"`
  assert.equal(withVariable(script, true), corrected)
})

test("the first webhooks' path is an old one, too, but not their folder, which Istio also uses", () => {
  const first = '/var/run/secrets/tokens'
  assert.equal(withVariable(`cat ${first}/azure-identity-token;`), `cat $(${variable});`)
  assert.equal(withNewPath(`(${first}/azure-identity-token)`), `(${newFolder}/azure-identity-token)`)
  for (const other of [`${first}/istio-token`, first, `${first}/azure-identity-token-2`])
    assert.ok(!hasOldPath(other), other)
})

test('an argument of a program gets the variable that Kubernetes expands', () => {
  assert.equal(withVariable(`--token-file=${old}`), `--token-file=$(${variable})`)
})

test('every character before and after the path is kept', () => {
  for (const sign of [')', '"', "'", ',', ';', ']', '}', '`', '|', '&', '>', '.', ':', ' ', '\n', '\\', '/x'])
    for (const replace of [withVariable, withNewPath]) {
      const corrected = replace(`a(${old}${sign}b`)
      assert.ok(corrected.startsWith('a(') && corrected.endsWith(`${sign}b`), corrected)
    }
})

test('another folder or file whose name starts alike is not the old path', () => {
  for (const other of [`${oldFolder}-backup/x`, `${oldFolder}2`, `${oldFolder}_old`]) {
    assert.equal(withVariable(other), other)
    assert.ok(!hasOldPath(other))
  }
  assert.equal(withNewPath(`${old}-2`), `${newFolder}/azure-identity-token-2`)
})
