import assert from 'node:assert/strict'
import { test } from 'node:test'
import { planHeading, planText, settingsText } from '../../../src/ui/plan-text.ts'
import { width } from '../../../src/ui/text.ts'
import { issuer, plan, planItem, terminalStyle } from '../../support/examples.ts'

const heading = planHeading({
  namespace: 'shop',
  serviceAccount: 'checkout',
  cluster: 'aks-shop',
  context: undefined,
})

test('the plan shows each resource, its changes and how long they take', () => {
  assert.equal(
    planText(plan, { heading, look: terminalStyle }),
    `Plan for shop/checkout on aks-shop

  keep     resource group        rg-shop
  change   cluster               aks-shop   about 4 min
             workload identity   off → on
  create   app registration      wi-shop-checkout
  create   federated credential  wi-shop-checkout
             issuer              https://westeurope.oic.…4888-8999-000000000000/
             subject             system:serviceaccount:shop:checkout
  change   service account       shop/checkout
             client-id           aaaaaaaa-0000-4000-8000-000000000000
                                 → bbbbbbbb-0000-4000-8000-000000000000
                                 set by helm
             tenant-id           (none) → 11111111-2222-4333-8444-555555555555
  keep     webhook               AKS add-on
  create   vault                 kv-shop-7f3a   Azure RBAC
  create   access                to secrets of kv-shop-7f3a
                                 Key Vault Secrets User
  create   secret                db-password

  5 to create, 2 to change, 2 unchanged. Nothing is deleted.
`,
  )
})

test('the plan begins with the other parties that it involves, in 80 columns', () => {
  const sources = [
    ['Cloud', 'AzureStack, https://management.local.azurestack.external'],
    ['Cluster sign-in', 'runs aws eks get-token'],
    ['Chart', 'https://azure.github.io/azure-workload-identity/charts/workload-identity-webhook, 1.6.0'],
    ['Warning', 'insecure-skip-tls-verify turns off TLS\u001b[2J verification'],
  ] as const
  const items = [planItem({ title: 'resource group', label: 'rg-shop', action: 'keep' })]
  assert.equal(
    planText({ items }, { heading, look: terminalStyle, sources }).split('\n\n')[1],
    `  Cloud            AzureStack, https://management.local.azurestack.external
  Cluster sign-in  runs aws eks get-token
  Chart            https://azure.github.io/azure-workload-identity/charts/workload-identity-webhook,
                   1.6.0
  Warning          insecure-skip-tls-verify turns off TLS verification`,
  )
})

test('a difference is never truncated to equal values', () => {
  const field = { field: 'issuer', is: issuer.replace('8444', '9444'), want: issuer }
  const text = planText(
    { items: [planItem({ title: 'credential', label: 'wi', action: 'change', changes: [field] })] },
    { heading, look: terminalStyle },
  )
  assert.ok(text.replace(/\s/g, '').includes(issuer) && text.replace(/\s/g, '').includes(field.is), text)
  const values = [field.is, field.want]
  for (const line of text.split('\n'))
    assert.ok(width(line) <= 80 || values.some((value) => line.endsWith(value)), line)
})

test('a plan without changes says so', () => {
  const items = [planItem({ title: 'resource group', label: 'rg-shop', action: 'keep' })]
  assert.match(
    planText({ items }, { heading, look: terminalStyle }),
    /\n {2}1 unchanged\. Nothing to do\.\n$/,
  )
})

test('unchanged rows are dim, actions have the accent color, and lines fit a narrow terminal', () => {
  const text = planText(plan, { heading, look: { columns: 50, color: true, unicode: false } })
  assert.ok(text.includes('\u001b[2m  keep     resource group rg-shop\u001b[22m'))
  assert.ok(text.includes('\u001b[36mcreate\u001b[39m'))
  for (const not of ['\u001b[31m', '→', '…']) assert.ok(!text.includes(not))
  for (const line of text.split('\n').slice(0, -2)) assert.ok(width(line) <= 50, line)
})

test('settings are shown with their origin', () => {
  const text = settingsText(
    {
      namespace: { value: 'shop', source: 'flag', from: '--namespace' },
      vault: { value: 'kv-shop', source: 'file', from: 'wi-setup.yaml' },
      secret: { value: 'db', source: 'environment', from: 'WI_SETUP_SECRET' },
      nodeCount: { value: 1, source: 'default', from: 'default' },
    },
    terminalStyle,
  )
  assert.match(text, /^ {2}namespace +shop +command line$/m)
  assert.match(text, /^ {2}vault +kv-shop +wi-setup\.yaml$/m)
  assert.match(text, /^ {2}secret +db +WI_SETUP_SECRET$/m)
  assert.match(text, /^ {2}node-count +1 +default$/m)
  assert.match(text, /^ {2}cluster +not set$/m)
})
