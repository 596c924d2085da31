import { randomBytes } from 'node:crypto'
import { absent, compared, isMarked, mark, step } from '../engine/step.ts'
import { operatorAccess, readSecret } from './operator-access.ts'
import { vault } from './vault.ts'

/** The secret. An existing one keeps its value unless a value was given. */
export const secret = step<{ id: string; name: string }>()({
  id: 'secret',
  title: 'secret',
  command: 'vault',
  uses: ['vault', 'secret'],
  needs: { vault, operatorAccess },
  label: (settings) => settings.secret,
  async inspect(ctx) {
    const { vault, settings, secretValue } = ctx
    const how = secretValue === undefined ? 'random value' : 'the value given'
    if (!vault.uri || !vault.ready) return absent(how)
    const found = await readSecret(ctx, vault.uri)
    if (found === 'refused' || found === 'none') return absent(how)
    return compared({ id: found.id, name: settings.secret }, isMarked(found.tags), [
      secretValue !== undefined &&
        found.value !== secretValue && { field: 'value', is: '(another)', want: '(the one given)' },
    ])
  },
  async apply({ settings, secrets, vault, secretValue }, found) {
    if (found.state === 'absent' && (await secrets.deleted(vault.uri, settings.secret))) {
      await secrets.recover(vault.uri, settings.secret)
      if (secretValue === undefined) return
    }
    await secrets.put(vault.uri, settings.secret, {
      value: secretValue ?? randomBytes(24).toString('base64url'),
      tags: mark,
    })
  },
  remove: ({ settings, secrets, vault }) => secrets.remove(vault.uri, settings.secret),
})
