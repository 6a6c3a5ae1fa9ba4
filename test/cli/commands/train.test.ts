import { train } from '../../../cli/commands/train';
import { NotThereError } from '../../../cli/errors';
import { pipelineInput } from '../../../lambda/shared/contracts';
import { MemoryPlatform, type Model } from '../support/memory-platform';

const COMMON = { command: 'train', environmentName: 'prod', stackName: 'mlops-prod-platform', json: false } as const;
const COMMIT = '0123456789abcdef0123456789abcdef01234567';

let known: Record<string, Model>;
let platform: MemoryPlatform;
beforeEach(() => {
  known = { rain: { triggers: { newData: true, merge: true } }, snow: {} };
  platform = new MemoryPlatform(known);
});

function inputs() {
  return [...platform.trained.values()];
}

describe('a merge', () => {
  test('starts a training that knows its commit and who told it', async () => {
    const { done, text } = await train(platform, { ...COMMON, model: 'rain', commit: COMMIT });

    expect(inputs()).toMatchObject([
      {
        model: 'rain',
        trigger: {
          kind: 'merge',
          requestedBy: 'arn:aws:sts::123456789012:assumed-role/OnCall/ann',
          reason: `commit ${COMMIT} was merged`,
          commit: COMMIT,
        },
      },
    ]);
    expect(() => pipelineInput.parse(inputs()[0])).not.toThrow();
    expect(done).toBe(true);
    expect(text).toMatch(
      /^the training begins as 'merge-[0-9a-f]{32}'\nhow it goes: aws stepfunctions describe-execution/,
    );
  });

  test('starts one however often it is told, and one for each model', async () => {
    await train(platform, { ...COMMON, model: 'rain', commit: COMMIT });
    const { done, text, data } = await train(platform, { ...COMMON, model: 'rain', commit: COMMIT, reason: 'again' });

    expect(inputs()).toHaveLength(1);
    expect(done).toBe(true);
    expect(text).toMatch(/^this commit has been trained, or is, already/);
    expect(data).toMatchObject({ outcome: 'already-started' });
  });

  test.each(['skipped', 'failed'])('starts another one where the first was %s, and that one once', async outcome => {
    // GIVEN
    await train(platform, { ...COMMON, model: 'rain', commit: COMMIT });
    const [first = ''] = platform.trained.keys();
    const ended = { at: 't', requestedBy: 'ann', startReason: 'merged', reason: 'too many today', outcome };
    known.rain.trainings = [{ ...ended, execution: first }];

    // WHEN
    const again = await train(platform, { ...COMMON, model: 'rain', commit: COMMIT });
    const oncemore = await train(platform, { ...COMMON, model: 'rain', commit: COMMIT });

    // THEN
    expect([...platform.trained.keys()]).toEqual([first, `${first}-2`]);
    expect(again.data).toMatchObject({
      outcome: 'started',
      id: `${first}-2`,
      input: { trigger: { id: `${first}-2` } },
    });
    expect(oncemore.data).toMatchObject({ outcome: 'already-started', id: `${first}-2` });
  });

  test('starts none of a model that does not take it, and says what would', async () => {
    const { done, text } = await train(platform, { ...COMMON, model: 'snow', commit: COMMIT });

    expect(inputs()).toEqual([]);
    expect(done).toBe(false);
    expect(text).toBe(
      "refused: a merge starts no training of 'snow' in 'prod': set 'models.snow.training.triggers.merge' to true in its file and deploy it, or leave '--commit' out and give '--reason'",
    );
  });
});

describe('a person', () => {
  test('starts a training of any model, each time another one', async () => {
    await train(platform, { ...COMMON, model: 'snow', reason: 'labels were mended' });
    await train(platform, { ...COMMON, model: 'snow', reason: 'labels were mended' });

    expect(inputs()).toMatchObject([
      { model: 'snow', trigger: { kind: 'manual', reason: 'labels were mended' } },
      { trigger: { kind: 'manual' } },
    ]);
    expect([...platform.trained.keys()]).toEqual([
      expect.stringMatching(/^manual-snow-20261127T033000Z-[0-9a-f]{4}$/),
      expect.stringMatching(/^manual-snow-/),
    ]);
  });

  test('fails on a model that there is not, and hears which there are', async () => {
    await expect(train(platform, { ...COMMON, model: 'rian', reason: 'x' })).rejects.toThrow(NotThereError);
    await expect(train(platform, { ...COMMON, model: 'rian', reason: 'x' })).rejects.toThrow(/'rain', 'snow'/);
  });

  test('fails on it so too where it may not list which there are, as the role of merges', async () => {
    // GIVEN
    const refusal = new Error('User: ci is not authorized to perform: ssm:GetParametersByPath');
    refusal.name = 'AccessDeniedException';
    platform.models = () => Promise.reject(refusal);

    // WHEN
    const asked = train(platform, { ...COMMON, model: 'rian', commit: COMMIT });

    // THEN
    await expect(asked).rejects.toThrow(NotThereError);
    await expect(asked).rejects.toThrow(
      "there is no model 'rian' in environment 'prod'; which there are, 'mlops status' tells to whoever may list them (ssm:GetParametersByPath)",
    );
  });

  test('hears of whatever else keeps the list away', async () => {
    platform.models = () => Promise.reject(new Error('socket hang up'));

    await expect(train(platform, { ...COMMON, model: 'rian', reason: 'x' })).rejects.toThrow('socket hang up');
  });
});
