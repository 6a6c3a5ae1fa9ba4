import {
  type AddToPrincipalPolicyResult,
  type IPrincipal,
  PolicyDocument,
  type PolicyStatement,
  Role,
} from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';

/** Name of the one policy of such a role. */
const POLICY_NAME = 'Rights';

/** Settings of such a role. */
export interface InlineRoleProps {
  readonly assumedBy: IPrincipal;
  /** @default '/' */
  readonly path?: string;
  /** @default - none */
  readonly description?: string;
}

/**
 * A role that has its rights in itself, not in a policy resource beside it: one resource instead of two, and no moment in
 * which it is there without them. For roles of which there is one a model. A resource that names the role, and which the role
 * may use, would make a circle: such a role needs a policy of its own.
 */
export class InlineRole extends Role {
  private readonly rights: PolicyDocument;

  constructor(scope: Construct, id: string, props: InlineRoleProps) {
    const { assumedBy, path, description } = props;
    // it is rendered at synth, so that what is granted until then is in it
    const rights = new PolicyDocument();
    super(scope, id, { assumedBy, path, description, inlinePolicies: { [POLICY_NAME]: rights } });
    this.rights = rights;
  }

  public override addToPrincipalPolicy(statement: PolicyStatement): AddToPrincipalPolicyResult {
    this.rights.addStatements(statement);
    return { statementAdded: true, policyDependable: this };
  }
}
