/** Requests of one kind that a role of the platform was allowed since the local cloud has started. */
export interface Requests {
  readonly role: string;
  /** As in a policy: `dynamodb:GetItem`. */
  readonly action: string;
  readonly count: number;
}

/** What the local cloud's evaluator of policies has counted: each request of a role is one decision. */
export async function requestsOf(endpoint: string): Promise<Requests[]> {
  const response = await fetch(`${endpoint}/_mlops/rights`);
  const { roles } = (await response.json()) as {
    readonly roles: readonly {
      readonly role: string;
      readonly rights: readonly { readonly action: string; readonly used: number }[];
    }[];
  };
  return roles.flatMap(({ role, rights }) => rights.map(({ action, used }) => ({ role, action, count: used })));
}
