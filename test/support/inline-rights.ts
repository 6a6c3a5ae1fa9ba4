import type { Template } from 'aws-cdk-lib/assertions';

/** A statement of a policy, as the template has it. */
export interface InlineStatement {
  readonly Effect: string;
  readonly Action: string | string[];
  readonly Resource: string | string[];
  readonly Condition?: unknown;
}

interface RoleResource {
  readonly Properties: {
    readonly Policies?: readonly { readonly PolicyDocument: { readonly Statement: readonly InlineStatement[] } }[];
  };
}

/** What the roles whose logical id begins so have in themselves. */
export function inlineRights(template: Template, logicalId = ''): InlineStatement[] {
  return Object.entries(template.findResources('AWS::IAM::Role') as Record<string, RoleResource>)
    .filter(([id]) => id.startsWith(logicalId))
    .flatMap(([, { Properties }]) => Properties.Policies ?? [])
    .flatMap(({ PolicyDocument }) => PolicyDocument.Statement);
}
