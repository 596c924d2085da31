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
import { UsageError } from '../base/usage-error.ts'
import type { Evidence } from '../ui/report/evidence.ts'
import { htmlReport } from '../ui/report/html.ts'
import { markdownReport } from '../ui/report/markdown.ts'

const formats: Record<string, (evidence: Evidence) => string> = {
  '.md': markdownReport,
  '.json': (evidence) => `${JSON.stringify(evidence, undefined, 2)}\n`,
  '.html': htmlReport,
}

/** A report that will be written, in one go, to where it was said. */
export interface ReportFile {
  write(evidence: Evidence): void
  /** Leaves nothing half behind. */
  close(): void
}

/** Throws `UsageError` where it could not be written, before anything is looked at. */
export function reportFile(path: string, { cwd, pid }: Pick<Host, 'cwd' | 'pid'>): ReportFile {
  const refuse = (why: string) => new UsageError(`--report ${JSON.stringify(path)} ${why}`)
  const form = formats[extname(path).toLowerCase()]
  if (!form) throw refuse(`is none of ${Object.keys(formats).join(', ')}      e.g. verify.html`)
  const named = resolve(cwd, path)
  let draft: string
  let target: string
  try {
    const there = statSync(named, { throwIfNoEntry: false })
    if (there?.isDirectory()) throw refuse('is a folder')
    // What a link leads to is written, and the link stays.
    target = there ? realpathSync(named) : named
    if (there) accessSync(target, constants.W_OK)
    draft = `${target}.${pid}.tmp`
    closeSync(openSync(draft, 'w', 0o644))
  } catch (error) {
    if (error instanceof UsageError) throw error
    const { code } = error as NodeJS.ErrnoException
    throw refuse(
      code === 'ENOENT'
        ? `cannot be written: there is no folder ${dirname(named)}`
        : `cannot be written: ${code}`,
    )
  }
  return {
    write(evidence) {
      writeFileSync(draft, form(evidence))
      renameSync(draft, target)
    },
    close: () => rmSync(draft, { force: true }),
  }
}
