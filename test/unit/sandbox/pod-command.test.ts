import assert from 'node:assert/strict'
import { test } from 'node:test'
import { rejectedOption } from '../../../sandbox/kube/pods/command.ts'

test('a pod may pass no option that writes or reads a file, or widens what it may do', () => {
  for (const args of [
    ['--trace-event-file-pattern=out'],
    ['--trace-event-categories=node'],
    ['--trace-turbo-cfg-file=out', 'main.js'],
    ['--trace_turbo_cfg_file=out', 'main.js'],
    ['--trace-turbo-path=out'],
    ['--max-lazy=out'],
    ['--stack-trace-anything'],
    ['--trace-require-module=all'],
    ['--max-old-space-size=/etc/passwd'],
    ['--redirect-code-traces-to=out'],
    ['--require=./out.js'],
    ['--import', './out.mjs'],
    ['--env-file=/etc/passwd'],
    ['--cpu-prof-dir=out'],
  ])
    assert.equal(rejectedOption(args), args[0])
})

test('the value of an option hides no other option', () => {
  const widening = '--allow-fs-read=/'
  for (const args of [
    // Node.js takes these two for options, not for a script to print or evaluate.
    ['-p', widening, '-e', '1'],
    ['--print', widening, 'main.js'],
    // The number is the value of the option before it.
    ['--max-http-header-size', '8192', widening, 'main.js'],
    ['-e', '1', widening],
    ['--input-type', 'module', widening],
  ])
    assert.equal(rejectedOption(args), args[0] === '--max-http-header-size' ? args[0] : widening)
})

test('a pod may pass a script, limits and diagnostics on its streams', () => {
  for (const args of [
    [],
    ['main.js', '--require=x'],
    ['-e', 'require("x")', '--', '--require=x'],
    ['--eval=1'],
    ['-p', '1'],
    ['--input-type=module', '-e', '1'],
    ['--max-old-space-size=64', '--stack-trace-limit=50', '--trace-warnings', 'main.js'],
    ['--max_old_space_size=64', '--enable-source-maps', '--no-warnings', 'main.js'],
  ])
    assert.equal(rejectedOption(args), undefined, args.join(' '))
})
