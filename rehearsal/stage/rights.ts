import type { RoleRights } from '../report/report';
import { reasonFor } from '../unused-rights';

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
