import { check, fail, pass } from '../engine/check.ts'
import { sampleName } from '../steps/sample.ts'
import { podInjected } from './injection.ts'
import { clusterReadRights } from './kubernetes-rights.ts'
import { secretReadable } from './secret.ts'

export const sampleReturnsSecret = check()({
  code: 'WI604',
  title: 'The sample app returns the secret',
  link: 'sample',
  uses: ['namespace', 'secret', 'sample'],
  needs: { api: clusterReadRights, injected: podInjected, read: secretReadable },
  excludedWhen: (settings) =>
    !settings.sample ||
    settings.webhook === 'none' ||
    (settings.os === 'windows' && settings.sampleImage === undefined),
  async run({ settings, api, read, command }) {
    const { status, body } = await api.kube.proxyGet(
      settings.namespace,
      `${sampleName}:80`,
      `secrets/${settings.secret}`,
    )
    // The API server returns 404 for a missing service.
    if (status === 404 && /services \\?"/.test(body))
      return { status: 'skip', detail: `not deployed; to deploy it, run ${command('sample')}` }
    const remedy = command('sample')
    const answer = parse(body)
    if (status !== 200)
      return fail({
        detail:
          `The sample app returned ${status}: ${answer.error?.code ?? ''} ${answer.error?.message ?? answer.message ?? ''}`.trim(),
        remedy,
        transient: true,
      })
    return answer.value === read.value
      ? pass(true as const)
      : fail({
          detail: 'The sample app returned a different value than the vault holds',
          remedy,
          transient: true,
        })
  },
})

function parse(body: string): {
  value?: string
  message?: string
  error?: { code?: string; message?: string }
} {
  try {
    return JSON.parse(body) as ReturnType<typeof parse>
  } catch {
    return { message: 'not JSON' }
  }
}
