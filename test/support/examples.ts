import { wiSetup } from '../../src/base/command.ts'
import { docsLink } from '../../src/engine/check.ts'
import type { CheckResult } from '../../src/engine/check-result.ts'
import type { Plan, PlanItem } from '../../src/engine/plan.ts'
import type { StepResult } from '../../src/engine/step-result.ts'
import type { TerminalStyle } from '../../src/ui/text.ts'

/** A terminal of 80 columns without colors. */
export const terminalStyle: TerminalStyle = { columns: 80, color: false, unicode: true }

export const issuer =
  'https://westeurope.oic.prod-aks.azure.com/11111111-2222-4333-8444-555555555555/66666666-7777-4888-8999-000000000000/'

export const planItem = (of: Partial<PlanItem> & Pick<PlanItem, 'title' | 'label' | 'action'>): PlanItem => ({
  id: of.title.replaceAll(' ', '-'),
  command: undefined,
  changes: [],
  note: undefined,
  details: [],
  inspection: { state: 'absent' },
  ...of,
})

export const plan: Plan = {
  items: [
    planItem({ title: 'resource group', label: 'rg-shop', action: 'keep' }),
    planItem({
      title: 'cluster',
      label: 'aks-shop',
      action: 'change',
      usually: 'about 4 min',
      changes: [{ field: 'workload identity', is: 'off', want: 'on' }],
    }),
    planItem({ title: 'app registration', label: 'wi-shop-checkout', action: 'create' }),
    planItem({
      title: 'federated credential',
      label: 'wi-shop-checkout',
      action: 'create',
      details: [
        ['issuer', issuer],
        ['subject', 'system:serviceaccount:shop:checkout'],
      ],
    }),
    planItem({
      title: 'service account',
      label: 'shop/checkout',
      action: 'change',
      changes: [
        {
          field: 'client-id',
          is: 'aaaaaaaa-0000-4000-8000-000000000000',
          want: 'bbbbbbbb-0000-4000-8000-000000000000',
          owner: 'helm',
        },
        { field: 'tenant-id', is: '(none)', want: '11111111-2222-4333-8444-555555555555' },
      ],
    }),
    planItem({ title: 'webhook', label: 'AKS add-on', action: 'keep' }),
    planItem({ title: 'vault', label: 'kv-shop-7f3a', action: 'create', note: 'Azure RBAC' }),
    planItem({
      title: 'access',
      label: 'to secrets of kv-shop-7f3a',
      action: 'create',
      note: 'Key Vault Secrets User',
    }),
    planItem({ title: 'secret', label: 'db-password', action: 'create' }),
  ],
}

export const applied = (
  title: string,
  outcome: StepResult['outcome'],
  of: Partial<StepResult> = {},
): StepResult => {
  const planned = plan.items.find((each) => each.title === title)!
  return {
    item: planned,
    outcome,
    started: outcome === 'done' || outcome === 'failed',
    inspection: planned.inspection,
    ms: 1000,
    ...of,
  }
}

export const checkResult = (
  code: CheckResult['code'],
  link: CheckResult['link'],
  status: CheckResult['status'],
  of: Partial<CheckResult> = {},
): CheckResult => ({
  code,
  title: `title of ${code}`,
  link,
  level: status === 'warn' ? 'warning' : 'error',
  status,
  detail: '',
  doc: docsLink(code),
  ms: 1,
  ...of,
})

export const settings = {
  namespace: 'shop',
  serviceAccount: 'checkout',
  vault: 'kv-shop-7f3a',
  secret: 'db-password',
}

export const broken: CheckResult[] = [
  checkResult('WI701', 'cluster', 'pass'),
  checkResult('WI107', 'issuer', 'pass'),
  checkResult('WI205', 'service account', 'pass'),
  checkResult('WI108', 'issuer', 'pass'),
  checkResult('WI110', 'identity', 'pass'),
  checkResult('WI506', 'vault', 'pass'),
  checkResult('WI104', 'credential', 'fail', {
    detail:
      "The federated credential's subject doesn't match the service account\nEntra rejects every pod of shop/checkout with AADSTS700213.",
    is: 'system:serviceaccount:shop:check-out',
    should: 'system:serviceaccount:shop:checkout',
    remedy: 'npx wi-setup federate --namespace shop --service-account checkout',
    fix: wiSetup('federate', '--namespace', 'shop', '--service-account', 'checkout'),
    trace: '66666666-7777-4888-8999-000000000000',
  }),
  checkResult('WI106', 'credential', 'skip', { because: 'WI104' }),
  checkResult('WI101', 'credential', 'skip', { because: 'WI104' }),
  checkResult('WI508', 'vault', 'skip', { because: 'WI104' }),
  checkResult('WI604', 'sample', 'skip', { because: 'WI104' }),
]
