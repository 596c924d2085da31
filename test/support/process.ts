import { spawn } from 'node:child_process'

/** What a program prints; throws with what it says of its failure. `env` is all that it gets. */
export const outputOf = (name: string, args: string[], env: NodeJS.ProcessEnv, input = '') =>
  new Promise<string>((resolve, reject) => {
    const child = spawn(name, args, { env })
    let out = ''
    let err = ''
    child.stdout.on('data', (part) => {
      out += part
    })
    child.stderr.on('data', (part) => {
      err += part
    })
    child.on('error', reject)
    child.on('close', (code) =>
      code === 0
        ? resolve(out)
        : reject(new Error(`${name} ${args.join(' ')} ended with ${code}\n${err || out}`)),
    )
    child.stdin.end(input)
  })
