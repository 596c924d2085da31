import { instruction, option, type Remedy, type Script, withArgs } from '../base/command.ts'
import { check, notApplicable, pass, warn } from '../engine/check.ts'
import { distributionOfIssuer } from '../issuers/distributions.ts'
import { issuerDocumentsPublished, issuerPublic } from './issuer.ts'
import { clusterReadRights } from './kubernetes-rights.ts'

/** Returns the account of a static website, as its address names it. */
const websiteAccount = (issuer: string) =>
  /^([a-z0-9]{3,24})\.z\d+\.web\./.exec(new URL(issuer).hostname)?.[1]

/** Returns `issuer rotate` for the place that the issuer's URL tells. */
function rotateRemedy(rotate: Script, issuer: string, ...flags: string[]): Remedy {
  const account = websiteAccount(issuer)
  if (account === undefined)
    return instruction`Publish the cluster's keys where ${issuer} is served from: ${withArgs(rotate, ...option('--to', 'FOLDER'), ...option('--url', issuer), ...flags)}`
  const url = new URL(issuer).pathname === '/' ? [] : option('--url', issuer)
  return withArgs(rotate, ...option('--storage-account', account), ...url, ...flags)
}

export const publishedKeysCurrent = check()({
  code: 'WI125',
  title: "The issuer's published keys are the cluster's keys",
  link: 'issuer',
  uses: ['kubeconfig', 'context', 'subscription'],
  needs: { api: clusterReadRights, issuer: issuerPublic, published: issuerDocumentsPublished },
  level: 'warning',
  async run({ api, issuer: { issuer }, issuers, command }) {
    // Azure, AWS and Google rotate the keys of their issuers.
    if (api.aksIssuer !== undefined || distributionOfIssuer(issuer)) return notApplicable
    const [own, { keys }] = await Promise.all([api.kube.keyIds(), issuers.documents(issuer)])
    if (own === undefined) return notApplicable
    const published = keys.map(({ kid }) => kid)
    const missing = own.filter((kid) => !published.includes(kid))
    const stale = published.filter((kid) => !own.includes(kid))
    const values = { is: published.join(', '), should: own.join(', ') }
    const rotate = command('issuer rotate', 'subscription', 'kubeconfig', 'context')
    if (missing.length)
      return warn(true as const, {
        detail: `The API server has a key that is not published: ${missing.join(', ')}. Entra rejects tokens once it signs them (AADSTS7000272)`,
        ...values,
        remedy: rotateRemedy(rotate, issuer),
      })
    if (stale.length)
      return warn(true as const, {
        detail: `A key is published that the API server no longer has: ${stale.join(', ')}. Whoever has its private key can still sign tokens that Entra accepts`,
        ...values,
        remedy: rotateRemedy(rotate, issuer, '--remove-old'),
      })
    return pass(true as const, `${published.length} ${published.length === 1 ? 'key' : 'keys'}`)
  },
})
