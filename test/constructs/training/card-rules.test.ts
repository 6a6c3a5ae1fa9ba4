import { App, Stack } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { Problems } from '../../../constructs/private/validation';
import { requireCard } from '../../../constructs/training/card-rules';
import type { ModelCard } from '../../../constructs/training/model-card';

function problemsOf(card: ModelCard | undefined): () => void {
  const problems = new Problems(new Construct(new Stack(new App(), 'Stack'), 'Training'));
  requireCard(problems, card);
  return () => problems.throwIfAny();
}

describe('requireCard', () => {
  test('takes no card, an empty one, and texts up to the limit', () => {
    expect(problemsOf(undefined)).not.toThrow();
    expect(problemsOf({})).not.toThrow();
    expect(problemsOf({ purpose: 'p'.repeat(1000), owner: 'o' })).not.toThrow();
  });

  test('fails on a text that is too long, and on one that is empty', () => {
    expect(problemsOf({ dataSource: 'd'.repeat(501), limits: '' })).toThrow(
      "Stack/Training: 'card.limits' has 0 characters, must have from 1 to 1000, leave it out if there is nothing to say; " +
        "'card.dataSource' has 501 characters, must have from 1 to 500, shorten it",
    );
  });
});
