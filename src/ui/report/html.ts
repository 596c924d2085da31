import type { CheckResult } from '../../engine/check-result.ts'
import type { FailingService } from '../../explain/explained.ts'
import { areSimilar, firstDifference } from '../difference-text.ts'
import { serviceText } from '../service-text.ts'
import { pluralize, sanitizeLine } from '../text.ts'
import { chainPicture } from './chain-picture.ts'
import { type CheckState, checkState, checkStates, findingsOf, healthText, stateText } from './check-state.ts'
import { escapeHtml } from './escape-html.ts'
import type { Evidence } from './evidence.ts'
import { reportCss } from './report-css.ts'

const code = (text: string) => `<code>${escapeHtml(sanitizeLine(text))}</code>`

/** Returns both values with the first difference marked. */
function compared(is: string, should: string): string {
  const at = firstDifference(is, should)
  const marked = (text: string) => {
    if (!areSimilar(is, should)) return escapeHtml(text)
    const [sign = ''] = text.slice(at)
    return `${escapeHtml(text.slice(0, at))}<mark>${escapeHtml(sign.trim() ? sign : '␣')}</mark>${escapeHtml(text.slice(at + sign.length))}`
  }
  return `<dl class="compare mono"><dt>is</dt><dd>${marked(is)}</dd><dt>should be</dt><dd>${marked(should)}</dd></dl>`
}

/** Returns a command that wraps between words, not at the hyphens of a flag. */
const command = (text: string) =>
  `<pre>${escapeHtml(text).replace(/\S+/g, (word) => (word.length < 32 ? `<span>${word}</span>` : word))}</pre>`

const serviceLine = (service: FailingService | undefined): string =>
  service ? `<p>${escapeHtml(serviceText(service))}<br>${code(service.resource)}</p>` : ''

function finding(check: CheckResult): string {
  const { code: id, detail, title, is, should, remedy, service, trace, doc } = check
  const [first = '', ...more] = (detail || title).split('\n')
  return [
    `<article class="finding ${checkState(check)}"><h3><code>${id}</code>${escapeHtml(first)}</h3>`,
    ...(is !== undefined && should !== undefined ? [compared(sanitizeLine(is), sanitizeLine(should))] : []),
    ...more.map((each) => `<p>${escapeHtml(each)}</p>`),
    ...(remedy ? [`<p class="dim">Fix:</p>${command(remedy)}`] : []),
    serviceLine(service),
    `<p class="dim">${trace ? `trace ${code(trace)}, ` : ''}see ${escapeHtml(doc)}</p></article>`,
  ].join('\n')
}

const section = (title: string, inside: string) =>
  inside ? `<section><h2>${escapeHtml(title)}</h2>${inside}</section>` : ''

const rows = (of: readonly [string, string][]) =>
  of.length
    ? `<table class="rows"><tbody>${of.map(([label, value]) => `<tr><th scope="row">${escapeHtml(label)}</th><td>${code(value)}</td></tr>`).join('')}</tbody></table>`
    : ''

/** Returns a credential; what differs from the token is red. */
function trust(credential: Evidence['trusted'][number], presented: Evidence['presented']): string {
  const claims = new Map(presented)
  const lines = (['issuer', 'subject', 'audience'] as const).map((name) => {
    const value = credential[name]
    const differs = claims.has(name) && claims.get(name) !== value
    return `<tr><th scope="row">${name}</th><td${differs ? ' class="fail"' : ''}>${code(value)}</td></tr>`
  })
  return `<p class="name">${code(credential.name)}</p><table class="rows"><tbody>${lines.join('')}</tbody></table>`
}

const table = (kind: string, heads: string[], lines: string[]) =>
  lines.length
    ? `<div class="wide"><table class="${kind}"><thead><tr>${heads.map((each) => `<th scope="col">${each}</th>`).join('')}</tr></thead><tbody>${lines.map((each) => `<tr>${each}</tr>`).join('')}</tbody></table></div>`
    : ''

function checkLine(check: CheckResult): string {
  const { code: id, title, detail, because } = check
  const state = checkState(check)
  return `<td class="key">${code(id)}</td><td class="what">${escapeHtml(title)}</td><td class="${state}">${stateText(state)}</td><td class="dim more">${escapeHtml(because ? `because of ${because}` : sanitizeLine(detail))}</td>`
}

function failure({ error, health }: Evidence): string {
  if (!error) return ''
  return `<article class="finding${health === 'unknown' ? ' open' : ''}"><h3><code>${escapeHtml(error.code)}</code>${escapeHtml(error.what)}</h3><ul>${error.why.map((each) => `<li>${escapeHtml(each)}</li>`).join('')}</ul>${error.remedy ? `<p class="dim">Fix:</p>${command(error.remedy)}` : ''}${serviceLine(error.service)}${error.trace ? `<p class="dim">trace ${code(error.trace)}</p>` : ''}</article>`
}

/** Returns a self-contained page, without scripts and external files. */
export function htmlReport(evidence: Evidence): string {
  const { health, summary, at, checks, versions, names, presented, trusted, requests } = evidence
  const count = (state: CheckState) => checks.filter((each) => checkState(each) === state).length
  const counts = checkStates
    .flatMap((state) => (count(state) ? [`${count(state)} ${stateText(state)}`] : []))
    .join(', ')
  const title = `wi-setup verify: ${healthText[health]}`
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escapeHtml(title)}</title>
<style>${reportCss}</style>
</head>
<body>
<main>
<header>
<p class="state ${health}">${healthText[health].replace(/^./, (first) => first.toUpperCase())}</p>
<h1>${escapeHtml(summary)}</h1>
<p class="when">${escapeHtml(at.replace('T', ' ').replace(/\.\d+Z$/, ' UTC'))}${counts ? `, ${counts}` : ''}</p>
</header>
${checks.some(({ link }) => link !== 'caller' && link !== 'workload') ? chainPicture(checks) : ''}
${failure(evidence)}
${section('Findings', findingsOf(checks).map(finding).join('\n'))}
${section('Versions', rows(versions))}
${section('Names and IDs', rows(names))}
${section("Claims of the cluster's token", rows(presented))}
${section('Federated credentials of the identity', trusted.map((each) => trust(each, presented)).join(''))}
${section('Checks', table('checks sentences', ['Code', 'Check', 'State', 'Detail'], checks.map(checkLine)))}
${
  requests.length
    ? `<details><summary>${pluralize(requests.length, 'request')}</summary>${table(
        'checks',
        ['Request', 'Response', 'ms', 'Request ID'],
        requests.map(
          ({ method, url, status, failure, ms, requestId }) =>
            `<td>${code(`${method} ${url}`)}</td><td>${escapeHtml(String(status ?? failure ?? ''))}</td><td>${ms}</td><td>${requestId ? code(requestId) : ''}</td>`,
        ),
      )}</details>`
    : ''
}
</main>
</body>
</html>
`
}
