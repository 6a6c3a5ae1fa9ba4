import { randomBytes } from 'node:crypto';

const TOKEN_BYTES = 24;

/** Somebody whom the API server knows by a token. */
export interface KubernetesUser {
  readonly name: string;
  readonly groups: readonly string[];
}

/** May do everything; RBAC is not asked. */
export const ADMINISTRATOR: KubernetesUser = { name: 'administrator', groups: ['system:masters'] };

/** A token for each user, by name, new at each start. */
export function makeTokens(users: readonly KubernetesUser[]): ReadonlyMap<string, string> {
  return new Map(users.map(({ name }) => [name, randomBytes(TOKEN_BYTES).toString('hex')]));
}

/** What `--token-auth-file` reads: token, name, uid, groups. */
export function tokenFile(users: readonly KubernetesUser[], tokens: ReadonlyMap<string, string>): string {
  return users
    .map(({ name, groups }) => [tokens.get(name) ?? '', name, name, `"${groups.join(',')}"`].join(',') + '\n')
    .join('');
}
