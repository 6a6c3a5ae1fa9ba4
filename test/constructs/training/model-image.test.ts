import { App, Stack } from 'aws-cdk-lib';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Repository } from 'aws-cdk-lib/aws-ecr';
import { ModelImage } from '../../../constructs';
import { statementsOf } from './fixtures';

const URI = '111122223333.dkr.ecr.eu-west-1.amazonaws.com/ml/trainer';
const DIGEST = `sha256:${'a'.repeat(64)}`;

function pulls(image: (stack: Stack) => ModelImage): unknown[] {
  const stack = new Stack(new App(), 'Stack');
  image(stack).grantPull(new Role(stack, 'Role', { assumedBy: new ServicePrincipal('sagemaker.amazonaws.com') }));
  return statementsOf(stack, 'Role').map(({ Resource }) => Resource);
}

describe('ModelImage', () => {
  test.each([`${URI}:1.2`, `${URI}@${DIGEST}`, `${URI}:1.2@${DIGEST}`, URI])('takes the URI %s', uri => {
    expect(ModelImage.fromUri(uri).uri).toBe(uri);
  });

  test.each(['trainer:1', 'docker.io/library/python:3.11', '', `${URI}@sha256:abc`])('fails on the URI %p', uri => {
    expect(() => ModelImage.fromUri(uri)).toThrow(/'uri' is '.*', must be '<account>\.dkr\.ecr/);
  });

  test('lets its own repository be pulled, and no other', () => {
    expect(pulls(() => ModelImage.fromUri(`${URI}:1`))).toEqual([
      'arn:AWS::Partition:ecr:eu-west-1:111122223333:repository/ml/trainer',
      '*',
    ]);
    expect(
      pulls(stack => ModelImage.fromEcrRepository(Repository.fromRepositoryName(stack, 'Repository', 'ml/x'), '1')),
    ).toEqual([expect.stringMatching(/:repository\/ml\/x$/), '*']);
  });

  test('is named by a digest where one is given', () => {
    const stack = new Stack(new App(), 'Stack');
    const repository = Repository.fromRepositoryName(stack, 'Repository', 'ml/x');

    expect(stack.resolve(ModelImage.fromEcrRepository(repository, DIGEST).uri)).toEqual({
      'Fn::Join': ['', expect.arrayContaining([`/ml/x@${DIGEST}`])],
    });
  });
});
