import { type Remedy, wiSetup } from '../../../src/base/command.ts'
import { noTarget, remedyText } from '../../../src/base/command-text.ts'
import { objectChecks } from '../../../src/checks/objects/object-checks.ts'
import { lintManifests, manifestWorkloads, titlesOf } from '../../../src/checks/workloads/manifest-lint.ts'
import { parseManifests } from '../../../src/checks/workloads/parsed-manifest.ts'
import { workloadRuleChecks } from '../../../src/checks/workloads/rule-checks.ts'
import { makeReadCache } from '../../../src/engine/read-cache.ts'
import type { Run } from '../../../src/engine/run.ts'
import { verify } from '../../../src/engine/verify.ts'

/** Checks a text as `verify -f` does. */
export async function lintText(text: string, options: { namespace?: string; account?: string } = {}) {
  const reading = await lintManifests(parseManifests({ file: 'shop.yaml', text }), {
    namespace: 'default',
    account: undefined,
    audience: 'api://AzureADTokenExchange',
    command: (word) => wiSetup(word),
    ...options,
  })
  const run = {
    settings: {},
    clients: {},
    signal: new AbortController().signal,
    emit: () => {},
    command: () => wiSetup(),
    print: (remedy: Remedy) => remedyText(remedy, noTarget),
    ...makeReadCache(),
    polling: { firstDelayMs: 0, maxDelayMs: 0 },
  } as unknown as Run
  const checks = await verify([manifestWorkloads(reading), ...workloadRuleChecks, ...objectChecks], run)
  return {
    found: checks.filter(({ status }) => status === 'fail' || status === 'warn'),
    skipped: checks.filter(({ status }) => status === 'skip'),
    workloads: titlesOf(reading),
    leftAlone: reading.leftAlone,
    unseen: reading.unseen,
  }
}
