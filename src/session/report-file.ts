import {
  accessSync,
  closeSync,
  constants,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname, extname, resolve } from 'node:path'
import type { Host } from '../base/host.ts'
import { jsonText } from '../base/json-text.ts'
import { UsageError } from '../base/usage-error.ts'
import type { Evidence } from '../ui/report/evidence.ts'
import { htmlReport } from '../ui/report/html.ts'
import { markdownReport } from '../ui/report/markdown.ts'

const formats: Record<string, (evidence: Evidence) => string> = {
  '.md': markdownReport,
  '.json': (evidence) => `${jsonText(evidence, 2)}\n`,
  '.html': htmlReport,
}

/** A report file that is known to be writable; it is written atomically. */
export interface ReportFile {
  write(evidence: Evidence): void
  /** Removes the draft if nothing was written. */
  close(): void
}

/** Throws a `UsageError` if the file can't be written, so that it fails before any check runs. */
export function openReportFile(path: string, { cwd, pid }: Pick<Host, 'cwd' | 'pid'>): ReportFile {
  const fault = (why: string) => new UsageError(`--report ${JSON.stringify(path)} ${why}`)
  const format = formats[extname(path).toLowerCase()]
  if (!format) throw fault(`must end with ${Object.keys(formats).join(', ')}      for example verify.html`)
  const requested = resolve(cwd, path)
  let draft: string
  let target: string
  try {
    const existing = statSync(requested, { throwIfNoEntry: false })
    if (existing?.isDirectory()) throw fault('is a folder')
    // Follows a symbolic link: its target is written.
    target = existing ? realpathSync(requested) : requested
    if (existing) accessSync(target, constants.W_OK)
    draft = `${target}.${pid}.tmp`
    closeSync(openSync(draft, 'w', 0o644))
  } catch (error) {
    if (error instanceof UsageError) throw error
    const { code } = error as NodeJS.ErrnoException
    throw fault(
      code === 'ENOENT'
        ? `can't be written: the folder ${dirname(requested)} does not exist`
        : `can't be written: ${code}`,
    )
  }
  return {
    write(evidence) {
      writeFileSync(draft, format(evidence))
      renameSync(draft, target)
    },
    close: () => rmSync(draft, { force: true }),
  }
}
