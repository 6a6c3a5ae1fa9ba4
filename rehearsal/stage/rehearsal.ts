import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { ensurePythonEnvironment, startLocalCloud, type LocalCloud } from '../../local-cloud/start';
import { Worlds } from '../dataset';
import type { Progress } from '../progress';
import type { ActReport, Failure, Report } from '../report/report';
import { summarize } from '../report/summary';
import { writeReport } from '../report/write';
import type { Act } from './act';
import { CdkFailure } from './cdk';
import { Clock } from './clock';
import { noting, UnmetExpectation } from './expectation';
import { MemoryWatch } from './memory';
import { NO_RECORDS } from './records';
import { Scene } from './scene';
import { MODEL, type RehearsalTarget } from './target';
import { weatherFile } from './weather-file';

/** Seeds the order in which the rows of the two worlds are taken. */
const SEED = 20261124;

const NOT_CHECKED = [
  'rights on KMS keys, and those by which Step Functions and Lambda write their own logs and traces',
  "policies between accounts by AWS's own evaluator: the local cloud's asks those of buckets, repositories, package groups and event buses, and no dead-letter queue of a rule gets what is not let in",
  'Docker builds of the images (their code runs as local processes)',
];

/** Somebody ended the rehearsal. */
class Stopped extends Error {
  constructor(by: string) {
    super(`stopped by ${by}`);
  }
}

/** How a rehearsal is played. */
export interface RehearsalOptions {
  readonly repository: string;
  readonly workFolder: string;
  readonly target: RehearsalTarget;
  readonly acts: readonly Act[];
  /** Id of the act after which it ends. */
  readonly last: number;
  readonly keep: boolean;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/** Plays the acts in a local cloud of its own and leaves a report; nothing stays running, whatever happens. */
export class Rehearsal {
  private readonly began = performance.now();
  private readonly startedAt = new Date().toISOString();
  private readonly played: ActReport[] = [];
  private failure: Failure | undefined;

  constructor(private readonly options: RehearsalOptions) {}

  /** `told` gets the report as soon as it is written, also where the cloud is then kept open. */
  async play(told: (report: Report) => void): Promise<Report> {
    const { repository, progress, signal } = this.options;
    const memory = new MemoryWatch();
    const { python } = await ensurePythonEnvironment({ signal, onProgress: line => progress.note(line) });
    let cloud: LocalCloud | undefined;
    let report: Report;
    try {
      // a failed act points to its log: it must hold this run's commands alone
      rmSync(join(this.options.workFolder, 'cdk.log'), { force: true });
      cloud = await startLocalCloud({ auth: true, workDir: this.options.workFolder });
      const worlds = Worlds.read(weatherFile(python), SEED);
      const clock = await Clock.of(cloud);
      const step = (text: string): void => {
        // an act learns late that it was stopped, and has nothing to tell by then
        if (!signal.aborted) progress.step(text);
      };
      const scene = new Scene(
        repository,
        this.options.workFolder,
        this.options.target,
        cloud,
        clock,
        worlds,
        signal,
        step,
      );
      await this.playActs(scene);
      report = await this.report(scene, memory);
      scene.aws.destroy();
      progress.close();
      const written = writeReport(report, join(repository, 'rehearsal-report'));
      progress.note(summarize(report, written));
      told(report);
      memory.stop();
      if (this.options.keep) await this.keepOpen(cloud);
    } finally {
      memory.stop();
      progress.close();
      await cloud?.stop();
    }
    return report;
  }

  /** Holds the local cloud open until a person ends it. */
  private async keepOpen(cloud: LocalCloud): Promise<void> {
    const { progress, signal } = this.options;
    progress.note('the local cloud stays open; to talk to it from another shell:');
    for (const [name, value] of Object.entries(cloud.environment)) progress.note(`  export ${name}=${value}`);
    progress.note(`to stop it: Ctrl-C here, or kill ${process.pid}`);
    if (signal.aborted) return;
    const hold = setInterval(() => undefined, 60_000);
    await new Promise(resolve => signal.addEventListener('abort', resolve, { once: true }));
    clearInterval(hold);
  }

  private async playActs(scene: Scene): Promise<void> {
    const { acts, last, progress, signal } = this.options;
    const { clock } = scene;
    const aborted = new Promise<never>((_, reject) => {
      const stop = (): void => reject(new Stopped(String(signal.reason)));
      signal.addEventListener('abort', stop, { once: true });
      if (signal.aborted) stop();
    });
    // told by the act that is played when it comes; before the first one, nobody listens yet
    aborted.catch(() => undefined);
    for (const act of acts.filter(({ id }) => id <= last)) {
      progress.begin(act.id, act.name);
      const from = clock.now().toISOString();
      const began = performance.now();
      const claims: string[] = [];
      const done = (ok: boolean, evidence: Record<string, unknown>) => {
        const seconds = Math.round(performance.now() - began) / 1000;
        const to = clock.now().toISOString();
        this.played.push({ id: act.id, name: act.name, ok, seconds, evidence, claims, from, to });
        progress.end(ok);
      };
      try {
        done(true, await Promise.race([noting(claims, () => act.play(scene)), aborted]));
      } catch (error) {
        done(false, {});
        this.failure = {
          act: act.id,
          ...expectedAndSeen(error),
          logs: [scene.cdkLog, ...Object.values(scene.cloud.logs)],
        };
        return;
      }
    }
  }

  private async report(scene: Scene, memory: MemoryWatch): Promise<Report> {
    // a failed act leaves the platform standing: what it recorded is the best help to find out why
    if (scene.records === undefined && scene.deployment !== undefined && !this.options.signal.aborted) {
      await scene
        .keepRecords()
        .catch((error: unknown) => this.options.progress.note(`records not read: ${String(error)}`));
    }
    const { acts, last } = this.options;
    const ok = this.failure === undefined && this.played.length === acts.filter(({ id }) => id <= last).length;
    return {
      ok,
      environment: scene.environment,
      model: MODEL,
      startedAt: this.startedAt,
      wallSeconds: Math.round(performance.now() - this.began) / 1000,
      acts: this.played,
      actsPlanned: acts.length,
      predictions: scene.predictions,
      ...(scene.records ?? NO_RECORDS),
      ...(scene.deployment === undefined ? {} : { deploy: scene.deployment }),
      iamEnforced: scene.iamEnforced,
      rights: scene.rights,
      notChecked: [...NOT_CHECKED, ...scene.target.notChecked],
      peakMemoryBytes: memory.peakBytes,
      ...(this.failure === undefined ? {} : { failure: this.failure }),
    };
  }
}

function expectedAndSeen(error: unknown): { expected: string; seen: string } {
  if (error instanceof UnmetExpectation) {
    return { expected: error.expected, seen: error.seen };
  }
  if (error instanceof Stopped) {
    return { expected: 'to be let play to the end', seen: error.message };
  }
  if (error instanceof CdkFailure) {
    return { expected: 'the CDK CLI to succeed', seen: error.message };
  }
  return { expected: 'no error', seen: error instanceof Error ? (error.stack ?? error.message) : String(error) };
}
