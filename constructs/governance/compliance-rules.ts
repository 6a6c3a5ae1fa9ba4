import { ManagedRule, ManagedRuleIdentifiers as rules, RuleScope } from 'aws-cdk-lib/aws-config';
import { Construct } from 'constructs';
import { requireEnvironmentName } from '../private/name-rules';
import { ENVIRONMENT_TAG } from '../private/tag-keys';
import { Problems } from '../private/validation';
import { ConfigRecorder } from './config-recorder';

/** A rule and why it is here. */
interface Rule {
  readonly id: string;
  readonly identifier: string;
  readonly reason: string;
  /** Whether it judges the resources that bear the tag of the environment, and not all of the account. */
  readonly byTag: boolean;
}

/** On what would let data out, or lose it. What no resource of ours could pass, or what others judge, is not here. */
const RULES: readonly Rule[] = [
  rule('PublicRead', rules.S3_BUCKET_PUBLIC_READ_PROHIBITED, 'data that anybody may read is lost'),
  rule('PublicWrite', rules.S3_BUCKET_PUBLIC_WRITE_PROHIBITED, 'data that anybody may write trains anything'),
  rule('TlsOnly', rules.S3_BUCKET_SSL_REQUESTS_ONLY, 'data travels encrypted'),
  rule('Encrypted', rules.S3_BUCKET_SERVER_SIDE_ENCRYPTION_ENABLED, 'data lies encrypted'),
  rule('Versioned', rules.S3_BUCKET_VERSIONING_ENABLED, 'what is overwritten can be had back'),
  rule('PublicFunctions', rules.LAMBDA_FUNCTION_PUBLIC_ACCESS_PROHIBITED, 'nobody else starts what moves traffic'),
  // a managed policy that CloudFormation makes bears no tags
  everywhere('NoAdminPolicies', rules.IAM_POLICY_NO_STATEMENTS_WITH_ADMIN_ACCESS, 'no policy allows everything'),
  everywhere('PointInTimeRecovery', rules.DYNAMODB_PITR_ENABLED, 'a ledger that was damaged can be had back'),
  everywhere('KeysStay', rules.KMS_CMK_NOT_SCHEDULED_FOR_DELETION, 'with its key all data of a lake would be gone'),
];
/** For an environment that has a trail. */
const TRAIL_RULES: readonly Rule[] = [
  everywhere('TrailOn', rules.CLOUD_TRAIL_ENABLED, 'what nobody logs nobody can prove'),
  everywhere('TrailValidated', rules.CLOUD_TRAIL_LOG_FILE_VALIDATION_ENABLED, 'a log file that was changed is found'),
  everywhere('TrailEncrypted', rules.CLOUD_TRAIL_ENCRYPTION_ENABLED, 'who may read the logs is told by one key'),
];
/** What a rule by tag needs to be recorded, and whose changes are worth a history. */
const RECORDED_TYPES = [
  'AWS::CloudTrail::Trail',
  'AWS::DynamoDB::Table',
  'AWS::IAM::Policy',
  'AWS::IAM::Role',
  'AWS::KMS::Key',
  'AWS::Lambda::Function',
  'AWS::S3::Bucket',
];

/** Settings of the rules. */
export interface ComplianceRulesProps {
  /** Environment whose resources are judged, by the tag `mlops:environment`. */
  readonly environmentName: string;

  /**
   * Whether the account has a trail that is validated and encrypted, such as an `AuditTrail`, which then must stay so.
   *
   * @default false
   */
  readonly trail?: boolean;

  /**
   * Whether to make AWS Config's recorder too. An account has one at most in a region; without any the rules cannot be
   * made.
   *
   * @default false
   */
  readonly createRecorder?: boolean;
}

/** AWS Config's managed rules on what would let data out or lose it. They judge; they change nothing. */
export class ComplianceRules extends Construct {
  constructor(scope: Construct, id: string, props: ComplianceRulesProps) {
    super(scope, id);
    const { environmentName } = props;
    const problems = new Problems(this);
    requireEnvironmentName(problems, environmentName);
    problems.throwIfAny();
    const recorder =
      props.createRecorder === true
        ? new ConfigRecorder(this, 'Recorder', { resourceTypes: RECORDED_TYPES })
        : undefined;
    for (const { id: ruleId, identifier, reason, byTag } of [...RULES, ...(props.trail === true ? TRAIL_RULES : [])]) {
      const made = new ManagedRule(this, ruleId, {
        identifier,
        description: `${environmentName}: ${reason}`,
        // a rule that looks by the clock takes no tag
        ruleScope: byTag ? RuleScope.fromTag(ENVIRONMENT_TAG, environmentName) : undefined,
      });
      if (recorder !== undefined) made.node.addDependency(recorder);
    }
  }
}

function rule(id: string, identifier: string, reason: string): Rule {
  return { id, identifier, reason, byTag: true };
}

function everywhere(id: string, identifier: string, reason: string): Rule {
  return { id, identifier, reason, byTag: false };
}
