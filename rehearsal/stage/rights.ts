import type { RoleRights } from '../report/report';
import { idleReasons, reasonFor } from '../unused-rights';
import { expectThat } from './expectation';

interface RecordedRole {
  readonly role: string;
  readonly services: readonly string[];
  readonly rights: readonly {
    readonly action: string;
    readonly resource: string;
    readonly used: number;
    readonly needed: boolean;
  }[];
  readonly denied: readonly { readonly action: string; readonly resource: string; readonly count: number }[];
}

/**
 * The rights of every role of the platform, as the local cloud's evaluator judges them by the requests that it has
 * decided: it knows the roles that stand and those that stood when it was last asked.
 */
export async function readRights(endpoint: string, stacks: readonly string[]): Promise<RoleRights[]> {
  const response = await fetch(`${endpoint}/_mlops/rights`);
  const { roles } = (await response.json()) as { readonly roles: readonly RecordedRole[] };
  return (
    roles
      // CloudFormation begins a role's name with its stack's; the other roles are those of `cdk bootstrap`
      .filter(({ role }) => stacks.some(stack => role.startsWith(`${stack}-`)))
      .map(({ role, services, rights, denied }) => ({
        role,
        services,
        rights: rights.map(right => {
          const reason = right.used === 0 ? reasonFor(role, right.action, right.resource) : undefined;
          return { ...right, ...(reason !== undefined && { reason }) };
        }),
        denied,
      }))
  );
}

/** Least privilege, as far as it can be shown: what is used is needed, and what is not used has its reason. */
export function expectLeastPrivilege(roles: readonly RoleRights[], target: 'sagemaker' | 'eks'): void {
  const all = roles.flatMap(({ role, rights }) => rights.map(right => ({ role, ...right })));
  const named = (rights: typeof all): string[] =>
    rights.map(({ role, action, resource }) => `${role}: ${action} on ${resource}`);
  const spare = all.filter(({ used, needed }) => used > 0 && !needed);
  expectThat(
    spare.length === 0,
    'every right that was used to be needed: none allows what another one allows',
    named(spare),
  );
  const unused = all.filter(({ used }) => used === 0);
  const unexplained = unused.filter(({ reason }) => reason === undefined);
  expectThat(
    unexplained.length === 0,
    'every right that nothing used to have its reason written down',
    named(unexplained),
  );
  const idle = idleReasons(unused, target);
  expectThat(idle.length === 0, 'every written reason to explain a right that nothing used', idle);
}
