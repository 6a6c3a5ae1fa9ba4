import fc from 'fast-check';
import { cardOf } from '../../cli/aws-card';
import type { VersionCard } from '../../cli/ports';
import { modelCard } from '../../lambda/pipeline-control/model-card';
import { evaluationOf, SERVER_DIGEST, SETTINGS } from '../lambda/pipeline-control/fixtures';
import { runOf } from '../lambda/pipeline-control/run-fixture';
import { fakeClient, serviceError, type Responder } from '../lambda/support/fake-client';

const PLACE = { partition: 'aws', region: 'eu-west-1', account: '111122223333' };
const DIGESTS = {
  image: { uri: SETTINGS.inferenceImage, digest: SERVER_DIGEST },
  modelData: { sha256: '1'.repeat(64) },
  evaluation: '2'.repeat(64),
  baseline: '3'.repeat(64),
};

function read(respond: Responder): Promise<VersionCard | undefined> {
  return cardOf(fakeClient({ DescribeModelPackage: respond }).client, PLACE, 'mlops-prod-rain', '2');
}

test('what people say of a model is read back from the card that its training wrote', async () => {
  const words = fc.option(fc.string({ minLength: 1 }), { nil: undefined });
  const said = fc.record({
    owner: words,
    purpose: words,
    intendedUses: words,
    limits: words,
    riskRating: fc.constantFrom('High' as const, 'Medium' as const, 'Low' as const),
    riskExplanation: words,
  });
  await fc.assert(
    fc.asyncProperty(said, async card => {
      const ModelCard = modelCard(runOf(), { ...SETTINGS, card }, evaluationOf(0.86), DIGESTS);
      expect(await read(() => ({ ModelCard }))).toEqual({ status: 'PendingReview', ...card });
    }),
  );
});

test('the version is asked for by its ARN', async () => {
  const { client, sent } = fakeClient({ DescribeModelPackage: () => ({}) });
  await cardOf(client, PLACE, 'mlops-prod-rain', '2');
  expect(sent).toEqual([
    {
      name: 'DescribeModelPackage',
      input: { ModelPackageName: 'arn:aws:sagemaker:eu-west-1:111122223333:model-package/mlops-prod-rain/2' },
    },
  ]);
});

test('a card that a person wrote anew says what it says', async () => {
  const ModelCardContent = JSON.stringify({ intended_uses: { risk_rating: 'High', purpose_of_model: '' } });
  const ModelCard = { ModelCardContent, ModelCardStatus: 'Approved' };
  expect(await read(() => ({ ModelCard }))).toEqual({ status: 'Approved', riskRating: 'High' });
});

test('there is none of a version without a card, and of one that is gone', async () => {
  expect(await read(() => ({}))).toBeUndefined();
  const gone = read(() => {
    throw serviceError('ValidationException', 'ModelPackage does not exist');
  });
  expect(await gone).toBeUndefined();
});

test.each(['{', 'null', '"text"'])('fails for a card that is %s, which is no object', async ModelCardContent => {
  await expect(read(() => ({ ModelCard: { ModelCardContent } }))).rejects.toThrow(
    "the model card of 'arn:aws:sagemaker:eu-west-1:111122223333:model-package/mlops-prod-rain/2' is not a JSON object",
  );
});

test('fails where AWS does not let it', async () => {
  const refused = read(() => {
    throw serviceError('AccessDeniedException');
  });
  await expect(refused).rejects.toThrow('AccessDeniedException');
});
