import fc from 'fast-check';
import { ensureImage, type Build, type ImageRequest, type Ports, type Start } from '../../../lambda/image-build/image';
import type { StoredImage } from '../../../lambda/shared/ecr-images';

const REPOSITORY = '111122223333.dkr.ecr.eu-west-1.amazonaws.com/mlops-dev/trainer';
const REQUEST: ImageRequest = { repositoryUri: REPOSITORY, tag: 'a1', project: 'trainer', requestId: 'r' };
const DIGEST = `sha256:${'d'.repeat(64)}`;
const NOW = Date.parse('2026-11-28T01:00:00Z');
const FAILED: Build = {
  status: 'FAILED',
  phase: 'BUILD',
  reason: 'COMMAND_EXECUTION_ERROR: exit status 1',
  logUrl: 'https://log',
};

/** A repository that lets no tag move, and a project whose builds end as they are told to. */
class World implements Ports {
  time = NOW;
  pushed: string | undefined;
  refusals: string[] = [];
  /** How often a look at the repository is refused. */
  denials = 0;
  readonly started: string[] = [];

  constructor(
    /** What each look at a build finds; the last one stays. */
    private readonly looks: readonly Build[] = [{ status: 'SUCCEEDED' }],
    /** What a build that succeeded has pushed. */
    private readonly pushes: string | undefined = DIGEST,
  ) {}

  private looked = 0;

  now(): Date {
    return new Date(this.time);
  }

  wait(milliseconds: number): Promise<void> {
    this.time += milliseconds;
    return Promise.resolve();
  }

  image(uri: string): Promise<StoredImage> {
    if (this.denials > 0) {
      this.denials -= 1;
      return Promise.reject(Object.assign(new Error('no right to look'), { name: 'AccessDeniedException' }));
    }
    expect(uri).toBe(`${REPOSITORY}:a1`);
    return Promise.resolve(this.pushed === undefined ? { state: 'gone' } : { state: 'found', digest: this.pushed });
  }

  start(project: string): Promise<Start> {
    const refused = this.refusals.shift();
    if (refused !== undefined) return Promise.resolve({ refused });
    this.started.push(project);
    return Promise.resolve({ buildId: `${project}:${this.started.length}` });
  }

  build(): Promise<Build> {
    const build = this.looks[Math.min(this.looked, this.looks.length - 1)];
    this.looked += 1;
    if (build.status === 'SUCCEEDED') this.pushed ??= this.pushes;
    return Promise.resolve(build);
  }
}

const ensure = (world: World, { request = REQUEST, buildId = undefined as string | undefined, minutes = 14 } = {}) =>
  ensureImage(request, buildId, new Date(world.time + minutes * 60_000), world);

const IN_PROGRESS: Build = { status: 'IN_PROGRESS' };

describe('ensureImage', () => {
  test('builds what is not there, and tells its digest', async () => {
    const world = new World([IN_PROGRESS, IN_PROGRESS, { status: 'SUCCEEDED' }]);

    expect(await ensure(world)).toEqual({ digest: DIGEST });
    expect(world.started).toEqual(['trainer']);
  });

  test('builds nothing that is there, with a project or without', async () => {
    const world = new World();
    world.pushed = DIGEST;

    expect(await ensure(world)).toEqual({ digest: DIGEST });
    expect(await ensure(world, { request: { ...REQUEST, project: undefined } })).toEqual({ digest: DIGEST });
    expect(world.started).toEqual([]);
  });

  test('fails without a project when the image is not there, with what to do', async () => {
    await expect(ensure(new World(), { request: { ...REQUEST, project: undefined } })).rejects.toThrow(
      `image '${REPOSITORY}:a1' is not in its repository, deploy the stack that builds it first`,
    );
  });

  test("fails with the build's phase, reason and log", async () => {
    await expect(ensure(new World([FAILED]))).rejects.toThrow(
      `image '${REPOSITORY}:a1' was not built: build 'trainer:1' ended as FAILED in phase BUILD: ` +
        `COMMAND_EXECUTION_ERROR: exit status 1; its log: https://log`,
    );
  });

  test('takes the image that another build of the same source pushed first', async () => {
    // GIVEN
    const world = new World([IN_PROGRESS, FAILED]);
    const wait = world.wait.bind(world);
    world.wait = milliseconds => {
      world.pushed = DIGEST;
      return wait(milliseconds);
    };

    // WHEN
    const answer = await ensure(world);

    // THEN
    expect(answer).toEqual({ digest: DIGEST });
  });

  test('fails when a build succeeds and pushes nothing', async () => {
    const world = new World([{ status: 'SUCCEEDED' }]);
    Object.assign(world, { pushes: undefined });

    await expect(ensure(world)).rejects.toThrow(/was not pushed: build 'trainer:1' succeeded but left no image/);
  });

  test('starts later what is refused now', async () => {
    const world = new World();
    world.refusals = ['AccountLimitExceededException: too many', 'AccessDeniedException: not yet'];

    expect(await ensure(world)).toEqual({ digest: DIGEST });
    expect(world.started).toHaveLength(1);
  });

  test('looks later where the right to look is not known yet, and not for ever', async () => {
    const [young, never] = [new World(), new World()];
    young.denials = 2;
    never.denials = 100;

    expect(await ensure(young)).toEqual({ digest: DIGEST });
    await expect(ensure(never)).rejects.toThrow('no right to look');
    expect(never.time - NOW).toBeLessThanOrEqual(5 * 60_000);
    expect(never.started).toEqual([]);
  });

  test('fails with the last refusal when it lasts', async () => {
    const world = new World();
    world.refusals = Array<string>(100).fill('AccessDeniedException: no');

    await expect(ensure(world)).rejects.toThrow("project 'trainer' starts no build: AccessDeniedException: no");
    expect(world.time - NOW).toBeLessThanOrEqual(5 * 60_000);
  });

  test('leaves room for the address of the log, however much CodeBuild says', async () => {
    const logUrl = `https://${'l'.repeat(300)}`;

    const failure = await ensure(new World([{ ...FAILED, reason: 'r'.repeat(5_000), logUrl }])).catch(String);

    expect(failure).toContain(logUrl);
    expect(String(failure).length).toBeLessThan(1_000);
  });

  test('asked again and again, waits for one build to its end, whatever time each call has', async () => {
    const minutes = fc.integer({ min: 0, max: 20 });
    const looks = fc.integer({ min: 0, max: 200 });
    await fc.assert(
      fc.asyncProperty(fc.array(minutes, { minLength: 1 }), looks, fc.boolean(), async (calls, busy, succeeds) => {
        // GIVEN
        const world = new World([...Array<Build>(busy).fill(IN_PROGRESS), succeeds ? { status: 'SUCCEEDED' } : FAILED]);

        // WHEN
        let buildId: string | undefined;
        let digest: string | undefined;
        let failed = false;
        for (let call = 0; digest === undefined && !failed; call += 1) {
          const begun = world.time;
          const length = calls[call % calls.length];
          try {
            const answer = await ensure(world, { buildId, minutes: length });
            if ('digest' in answer) ({ digest } = answer);
            else ({ buildId } = answer);
          } catch {
            failed = true;
          }
          expect(world.time - begun).toBeLessThanOrEqual(length * 60_000);
        }

        // THEN
        expect(digest).toBe(succeeds ? DIGEST : undefined);
        expect(world.started).toEqual(['trainer']);
      }),
    );
  });
});
