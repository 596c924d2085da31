import { accountAt, podOwner } from './pod-owner.ts'

/** Stacks of the Pulumi operator, whose workspace pods sign in. */
export const pulumiStack = podOwner({
  group: 'pulumi.com',
  kinds: { Stack: 'stacks' },
  labels: () => [['spec', 'workspaceTemplate', 'spec', 'podTemplate', 'metadata', 'labels']],
  account: accountAt('spec', 'serviceAccountName'),
})

export const pulumiWorkspace = podOwner({
  group: 'auto.pulumi.com',
  kinds: { Workspace: 'workspaces' },
  labels: () => [['spec', 'podTemplate', 'metadata', 'labels']],
  account: accountAt('spec', 'serviceAccountName'),
})
