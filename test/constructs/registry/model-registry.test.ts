import { App, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { AccountPrincipal, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { ModelRegistry, type ModelRegistryProps } from '../../../constructs';
import { actionsOf, statementsOf } from '../training/fixtures';

function made(props: Partial<ModelRegistryProps> = {}) {
  const stack = new Stack(new App(), 'Stack');
  const registry = new ModelRegistry(stack, 'Registry', { environmentName: 'dev', modelName: 'rain', ...props });
  return { stack, registry, template: () => Template.fromStack(stack) };
}

describe('ModelRegistry', () => {
  test('is a group by the name under which the functions look for it, and outlives its stack', () => {
    made()
      .template()
      .hasResource('AWS::SageMaker::ModelPackageGroup', {
        // stays when its stack goes, but not behind a first deploy that failed: its name would be in the way of the next
        DeletionPolicy: 'RetainExceptOnCreate',
        Properties: { ModelPackageGroupName: 'mlops-dev-rain' },
      });
  });

  test('goes with its stack when told so', () => {
    made({ removalPolicy: RemovalPolicy.DESTROY })
      .template()
      .hasResource('AWS::SageMaker::ModelPackageGroup', { DeletionPolicy: 'Delete' });
  });

  test('lets a person approve versions of this model, made here or imported', () => {
    const { stack, registry } = made();
    const imported = ModelRegistry.fromModelPackageGroupName(stack, 'Imported', 'mlops-dev-snow');
    const person = (id: string) => new Role(stack, id, { assumedBy: new ServicePrincipal('ec2.amazonaws.com') });

    registry.grantApprove(person('Ada'));
    imported.grantApprove(person('Bob'));

    expect(actionsOf(statementsOf(stack, 'Ada'))).toContain('sagemaker:UpdateModelPackage');
    expect(statementsOf(stack, 'Ada')[0]?.Resource).toMatch(/:model-package\/mlops-dev-rain\/\*$/);
    expect(statementsOf(stack, 'Bob')[0]?.Resource).toMatch(/:model-package\/mlops-dev-snow\/\*$/);
  });

  test('has a policy of its own only where somebody adds to it, and none is added to an imported group', () => {
    const { stack, registry, template } = made();
    const statement = new PolicyStatement({
      principals: [new AccountPrincipal('222222222222')],
      actions: ['sagemaker:DescribeModelPackage'],
      resources: ['arn:versions'],
    });
    const imported = ModelRegistry.fromModelPackageGroupName(stack, 'Imported', 'mlops-dev-snow');

    expect(imported.addToResourcePolicy(statement).statementAdded).toBe(false);
    expect(registry.addToResourcePolicy(statement).statementAdded).toBe(true);

    template().hasResourceProperties('AWS::SageMaker::ModelPackageGroup', {
      ModelPackageGroupPolicy: { Statement: [Match.objectLike({ Resource: 'arn:versions' })] },
    });
    made()
      .template()
      .hasResourceProperties('AWS::SageMaker::ModelPackageGroup', { ModelPackageGroupPolicy: Match.absent() });
  });

  test('knows the ARN of an imported group', () => {
    const { stack } = made();
    const imported = ModelRegistry.fromModelPackageGroupName(stack, 'Imported', 'mlops-dev-snow');

    expect(JSON.stringify(stack.resolve(imported.modelPackageGroupArn))).toContain(
      ':model-package-group/mlops-dev-snow',
    );
  });

  test('has its group under a logical id that stays', () => {
    expect(Object.keys(made().template().findResources('AWS::SageMaker::ModelPackageGroup'))).toEqual([
      'Registry4DB9CCA5',
    ]);
  });

  test('fails on names that no other name could be made of', () => {
    expect(() => made({ environmentName: 'Dev', modelName: 'rain_1' })).toThrow(
      /Stack\/Registry: 'environmentName' is 'Dev', .*; 'modelName' is 'rain_1'/,
    );
  });
});
