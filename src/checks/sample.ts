import { check, fail, pass } from '../engine/check.ts'
import { sampleName } from '../steps/sample.ts'
import { podInjected } from './injection.ts'
import { clusterReadRights } from './kubernetes-rights.ts'
import { secretReadable } from './secret.ts'

export const sampleReturnsSecret = check()({
  code: 'WI604',
  title: 'The sample hands the secret back',
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
    // Its service is gone with it; the API server says so.
    if (status === 404 && /services \\?"/.test(body))
      return { status: 'skip', detail: `not deployed; ${command('sample')} does` }
    const remedy = command('sample')
    const answer = parse(body)
    if (status !== 200)
      return fail({
        detail:
          `The sample answered ${status}: ${answer.error?.code ?? ''} ${answer.error?.message ?? answer.message ?? ''}`.trim(),
        remedy,
        transient: true,
      })
    return answer.value === read.value
      ? pass(true as const)
      : fail({ detail: 'The sample handed back another value than the vault holds', remedy, transient: true })
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
    return { message: 'no JSON' }
  }
}
