import { ArnFormat, Lazy, RemovalPolicy, Stack } from 'aws-cdk-lib';
import {
  type AddToResourcePolicyResult,
  Grant,
  type IGrantable,
  PolicyDocument,
  type PolicyStatement,
} from 'aws-cdk-lib/aws-iam';
import { CfnModelPackageGroup } from 'aws-cdk-lib/aws-sagemaker';
import type { IConstruct } from 'constructs';
import { Construct } from 'constructs';
import { requireEnvironmentName, requireModelName } from '../private/name-rules';
import { modelResourceName } from '../private/names';
import { Problems } from '../private/validation';

/** What a person needs to look at a version and to say yes or no to it. */
const APPROVE_ACTIONS = ['sagemaker:DescribeModelPackage', 'sagemaker:UpdateModelPackage'];

/** Where the versions of a model are registered: a model package group. */
export interface IModelRegistry extends IConstruct {
  /** Name of the model package group. */
  readonly modelPackageGroupName: string;

  /** ARN of the model package group. */
  readonly modelPackageGroupArn: string;

  /** Lets the grantee approve and reject versions of this model; meant for people, no function of ours has it. */
  grantApprove(grantee: IGrantable): Grant;

  /**
   * Adds to what the group's own policy says, by which other accounts see its versions. The policy of an imported group
   * is somebody else's, so nothing is added there.
   */
  addToResourcePolicy(statement: PolicyStatement): AddToResourcePolicyResult;
}

/** Settings of a model's registry. */
export interface ModelRegistryProps {
  /** Environment of the model. */
  readonly environmentName: string;

  /** Model whose versions are registered. */
  readonly modelName: string;

  /**
   * What happens to the group when it leaves the stack. A group that still has versions cannot be deleted.
   *
   * @default RemovalPolicy.RETAIN
   */
  readonly removalPolicy?: RemovalPolicy;
}

abstract class ModelRegistryBase extends Construct implements IModelRegistry {
  public abstract readonly modelPackageGroupName: string;
  public abstract readonly modelPackageGroupArn: string;
  public abstract addToResourcePolicy(statement: PolicyStatement): AddToResourcePolicyResult;

  public grantApprove(grantee: IGrantable): Grant {
    return Grant.addToPrincipal({
      grantee,
      actions: APPROVE_ACTIONS,
      resourceArns: [
        Stack.of(this).formatArn({
          service: 'sagemaker',
          resource: 'model-package',
          resourceName: `${this.modelPackageGroupName}/*`,
        }),
      ],
    });
  }
}

/**
 * The versions of a model, each with its evaluation, its drift baseline and its run.
 *
 * Versions are data: they outlive the stack unless told otherwise.
 */
export class ModelRegistry extends ModelRegistryBase {
  /** Uses a group that exists already. */
  public static fromModelPackageGroupName(scope: Construct, id: string, modelPackageGroupName: string): IModelRegistry {
    class ImportedModelRegistry extends ModelRegistryBase {
      public readonly modelPackageGroupName = modelPackageGroupName;
      public readonly modelPackageGroupArn = Stack.of(this).formatArn({
        service: 'sagemaker',
        resource: 'model-package-group',
        resourceName: modelPackageGroupName,
        arnFormat: ArnFormat.SLASH_RESOURCE_NAME,
      });
      public addToResourcePolicy(): AddToResourcePolicyResult {
        return { statementAdded: false };
      }
    }
    return new ImportedModelRegistry(scope, id);
  }

  public readonly modelPackageGroupName: string;
  public readonly modelPackageGroupArn: string;
  private readonly policy = new PolicyDocument();

  constructor(scope: Construct, id: string, props: ModelRegistryProps) {
    super(scope, id);
    const problems = new Problems(this);
    requireEnvironmentName(problems, props.environmentName);
    requireModelName(problems, props.modelName);
    problems.throwIfAny();

    const group = new CfnModelPackageGroup(this, 'Resource', {
      // the functions that all models share find it by this name
      modelPackageGroupName: modelResourceName(props.environmentName, props.modelName),
      modelPackageGroupDescription: `Versions of ${props.modelName} in ${props.environmentName}`,
      modelPackageGroupPolicy: Lazy.any({ produce: () => (this.policy.isEmpty ? undefined : this.policy) }),
    });
    // its name is fixed, so a deploy that failed and went back must not leave it in the way of the next
    group.applyRemovalPolicy(props.removalPolicy ?? RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE);
    this.modelPackageGroupName = group.modelPackageGroupName;
    this.modelPackageGroupArn = group.attrModelPackageGroupArn;
  }
  public addToResourcePolicy(statement: PolicyStatement): AddToResourcePolicyResult {
    this.policy.addStatements(statement);
    return { statementAdded: true, policyDependable: this.policy };
  }
}
