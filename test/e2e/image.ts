import { chmodSync, copyFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { execa } from 'execa'
import { runScript } from './cluster.ts'

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))

/** The image of both webhook and sample: Node.js that trusts the sandbox's certificate authority. */
export const image = process.env.WI_SETUP_E2E_IMAGE ?? 'localhost/workload-identity/e2e:v1.6.0'

const dockerfile = `FROM node:24-alpine
COPY webhook.mjs /webhook.mjs
COPY sandbox-ca.pem /etc/sandbox-ca.pem
ENV NODE_EXTRA_CA_CERTS=/etc/sandbox-ca.pem
USER 65532
ENTRYPOINT ["node", "/webhook.mjs"]
`

/**
 * Loads the image into the cluster: with the script `image`, with this checkout's Node.js and the files in
 * `WI_SETUP_E2E_FILES` (`/on/this/machine=/in/the/image …`), or with `WI_SETUP_E2E_IMAGE_COMMAND`.
 */
export async function makeImage(scripts: string | undefined, folder: string, caFile: string): Promise<void> {
  const context = join(folder, 'image')
  mkdirSync(context)
  const [webhook, authority] = [join(context, 'webhook.mjs'), join(context, 'sandbox-ca.pem')]
  const entryPoints = [here('webhook/server.ts')]
  await build({ entryPoints, outfile: webhook, bundle: true, platform: 'node', format: 'esm' })
  copyFileSync(caFile, authority)
  chmodSync(authority, 0o644)
  if (!scripts) {
    writeFileSync(join(context, 'Dockerfile'), dockerfile)
    const command = process.env.WI_SETUP_E2E_IMAGE_COMMAND ?? 'false'
    await execa('sh', ['-c', command, 'sh', image, context], { stdout: 'ignore', stderr: 'inherit' })
    return
  }
  const node = join(context, 'node')
  writeFileSync(node, '#!/bin/sh\nNODE_EXTRA_CA_CERTS=/etc/sandbox-ca.pem exec /bin/node "$@"\n')
  chmodSync(node, 0o755)
  await runScript(scripts, 'image', [
    ...[image, '["/bin/node","/webhook.mjs"]', `${process.execPath}=/bin/node`, '/bin/sh=/bin/sh'],
    ...[`${node}=/usr/local/bin/node`, `${webhook}=/webhook.mjs`, `${authority}=/etc/sandbox-ca.pem`],
    ...(process.env.WI_SETUP_E2E_FILES ?? '').split(' ').filter(Boolean),
  ])
}
