import { extname, resolve } from 'node:path'
import type { Host } from '../base/host.ts'
import { jsonText } from '../base/json-text.ts'
import { UsageError } from '../base/usage-error.ts'
import { requireWritable, WriteError, writeFileAtomically } from '../base/write-file.ts'
import type { Evidence } from '../ui/report/evidence.ts'
import { htmlReport } from '../ui/report/html.ts'
import { markdownReport } from '../ui/report/markdown.ts'

const formats: Record<string, (evidence: Evidence) => string> = {
  '.md': markdownReport,
  '.json': (evidence) => `${jsonText(evidence, 2)}\n`,
  '.html': htmlReport,
}

/**
 * Returns the function that writes the report. Throws a `UsageError` if the file can't be written, so that it fails before
 * any check runs.
 */
export function openReportFile(path: string, { cwd }: Pick<Host, 'cwd'>): (evidence: Evidence) => void {
  const fault = (why: string) => new UsageError(`--report ${JSON.stringify(path)} ${why}`)
  const format = formats[extname(path).toLowerCase()]
  if (!format) throw fault(`must end with ${Object.keys(formats).join(', ')}      for example verify.html`)
  const target = resolve(cwd, path)
  const orUsageError = (write: () => void) => {
    try {
      write()
    } catch (error) {
      throw error instanceof WriteError ? fault(error.message) : error
    }
  }
  orUsageError(() => requireWritable(target))
  return (evidence) => orUsageError(() => writeFileAtomically(target, format(evidence)))
}
