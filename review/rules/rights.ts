import type { Finding, Rule } from '../finding';
import type { Term } from '../policies';
import { listed, shown } from '../values';
import { type Widening, wideningsOf } from '../widening';

/** With these, whoever has them gets what others have. */
const ESCALATING =
  /^(iam:(PassRole|Put.*Policy|Attach.*|Create(AccessKey|LoginProfile|PolicyVersion|Role|User)|UpdateAssumeRolePolicy|SetDefaultPolicyVersion|Add.*|\*)|sts:AssumeRole.*|kms:(CreateGrant|PutKeyPolicy|ScheduleKeyDeletion|DisableKey)|lambda:(AddPermission|UpdateFunctionCode)|s3:(PutBucketPolicy|DeleteBucketPolicy|PutBucketPublicAccessBlock)|organizations:.*)$/;

/** What roles, users and groups may do now and might not before. */
export const identityRights: Rule = change => [
  ...wideningsOf(change, 'identity').map(rightsOfIdentity),
  ...boundaries(change),
];

/** Who may take a role now and might not before. */
export const roleTrust: Rule = change =>
  wideningsOf(change, 'trust').map(widening =>
    widening.effect === 'Deny'
      ? noLongerDenied(widening)
      : {
          ...topicOf(widening, 'rights widened'),
          stack: widening.stack,
          logicalId: widening.logicalId,
          level: widening.isNew && !isForeign(widening.principal) && !isWorld(widening) ? 'look' : 'danger',
          says: `role \`${widening.holder}\` may${widening.isNew ? '' : ' now'} be taken by ${who(widening.principal)}${where(widening)}`,
        },
  );

/** Who may use buckets, keys, queues, topics, functions … now and might not before. */
export const resourcePolicies: Rule = change =>
  wideningsOf(change, 'resource').map(widening =>
    widening.effect === 'Deny'
      ? noLongerDenied(widening)
      : {
          ...topicOf(widening, 'rights widened'),
          stack: widening.stack,
          logicalId: widening.logicalId,
          level:
            isWorld(widening) || isForeign(widening.principal) || (!widening.isNew && isWide(widening))
              ? 'danger'
              : 'look',
          says: `${who(widening.principal)} may${widening.isNew ? '' : ' now'} do ${what(widening.actions)} on \`${widening.holder}\`${where(widening)}`,
        },
  );

function rightsOfIdentity(widening: Widening): Finding {
  if (widening.effect === 'Deny') {
    return noLongerDenied(widening);
  }
  const { holder, actions, resource, isNew, stack, logicalId } = widening;
  const policies = actions.filter(({ value }) => value.startsWith('policy ')).map(({ value }) => value.slice(7));
  const says =
    policies.length > 0
      ? `\`${holder}\` has${isNew ? '' : ' now'} all rights of ${listed(policies)}`
      : `\`${holder}\` may${isNew ? '' : ' now'} do ${what(actions)} on ${onWhat(resource)}${where(widening)}`;
  return {
    topic: 'rights widened',
    level: policies.length > 0 || isWide(widening) ? 'danger' : 'look',
    stack,
    logicalId,
    says,
  };
}

function noLongerDenied({ holder, actions, principal, stack, logicalId, condition }: Widening): Finding {
  const tls = JSON.stringify(condition).includes('aws:SecureTransport');
  return {
    topic: tls ? 'encryption weakened' : 'rights widened',
    level: 'danger',
    stack,
    logicalId,
    says: tls
      ? `\`${holder}\` no longer refuses plain HTTP for ${what(actions)}`
      : `${what(actions)} on \`${holder}\` is no longer denied to ${who(principal)}`,
  };
}

function boundaries({ before, resources }: Parameters<Rule>[0]): Finding[] {
  return resources
    .filter(({ type, after }) => /^AWS::IAM::(Role|User)$/.test(type) && after !== undefined && before.length > 0)
    .flatMap(({ before: old, after, stack, logicalId }): Finding[] => {
      const [boundary, now] = [old?.Properties?.PermissionsBoundary, after?.Properties?.PermissionsBoundary];
      return boundary === undefined || boundary === now
        ? []
        : [
            {
              topic: 'rights widened',
              level: 'danger',
              stack,
              logicalId,
              says: `the permissions boundary of \`${stack}/${logicalId}\` is otherwise: ${shown(boundary)} → ${shown(now)}`,
            },
          ];
    });
}

function topicOf(widening: Widening, otherwise: Finding['topic']): Pick<Finding, 'topic'> {
  return { topic: isWorld(widening) ? 'public exposure' : otherwise };
}

/** Everybody, unless a condition says whose account, organization or network it must be. */
function isWorld({ principal, condition }: Widening): boolean {
  const limiting =
    /"(aws:(Principal(Account|Org|Arn)|Source(Account|Arn|Vpc|Vpce|Org)|SourceOwner)[A-Za-z]*|kms:CallerAccount|kms:ViaService)"/i;
  return (principal.value === '*' || principal.not) && !limiting.test(JSON.stringify(condition));
}

/** Of another account than the one that is deployed to. */
function isForeign({ value }: Term): boolean {
  return /^AWS (arn:[^:]*:(iam|sts)::\d{12}:|\d{12}$)/.test(value) || /^Federated /.test(value);
}

function isWide({ actions, resource, condition }: Widening): boolean {
  const everything = resource.value === '*' && Object.keys(condition).length === 0;
  return actions.some(
    ({ value, not }) =>
      not ||
      /^(\*|[a-z0-9-]+:\*)$/.test(value) ||
      ESCALATING.test(value) ||
      (everything && !/^[a-z0-9-]+:(Describe|List|Get)/.test(value)) ||
      resource.not,
  );
}

function who({ value, not }: Term): string {
  const name = value === '*' ? 'anybody in the world' : shown(value.replace(/^(AWS|Service|Federated) /, ''));
  return not ? `anybody but ${name}` : name;
}

function what(actions: readonly Term[]): string {
  return actions.map(({ value, not }) => (not ? `everything but \`${value}\`` : `\`${value}\``)).join(', ');
}

function onWhat({ value, not }: Term): string {
  if (not) {
    return `everything but ${shown(value)}`;
  }
  return value === '*' ? 'everything (`*`)' : shown(value);
}

function where({ condition }: Widening): string {
  const parts = Object.entries(condition).flatMap(([operator, keys]) =>
    Object.entries(keys).map(([key, values]) => `\`${key}\` ${operator} ${[values].flat().map(shown).join(' or ')}`),
  );
  return parts.length === 0 ? '' : `, where ${parts.join(' and ')}`;
}
