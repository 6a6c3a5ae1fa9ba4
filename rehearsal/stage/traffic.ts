import type { Row } from '../dataset';
import { expectThat } from './expectation';
import type { Serving } from './serving';

const ROWS_PER_REQUEST = 5;
const CONCURRENCY = 4;

/** One answered prediction and, kept apart until it is landed, what the world will say later. */
interface Answered {
  readonly requestId: string;
  readonly label: number;
  readonly score: number;
  readonly prediction: number;
  readonly version: string;
}

/** How many predictions were asked for and how many of them failed, at one moment. */
export interface TrafficCount {
  readonly at: string;
  readonly sent: number;
  readonly failed: number;
}

/** Callers of the model: they send rows, count failures, and learn the labels later. */
export class Traffic {
  readonly counts: TrafficCount[] = [];
  readonly failures: string[] = [];
  /** Who made each answer, in their order. */
  readonly answeredBy: string[] = [];
  sent = 0;
  failed = 0;
  private unlabelled: Answered[] = [];

  constructor(
    private readonly serving: Serving,
    private readonly now: () => Date,
  ) {}

  /** Sends rows, a few per request and a few requests at a time; gives the answers by version. */
  async send(rows: readonly Row[]): Promise<readonly Answered[]> {
    const before = { sent: this.sent, failed: this.failed };
    const requests: Row[][] = [];
    for (let start = 0; start < rows.length; start += ROWS_PER_REQUEST) {
      requests.push(rows.slice(start, start + ROWS_PER_REQUEST));
    }
    const answers: Answered[] = [];
    const callers = Array.from({ length: CONCURRENCY }, async () => {
      for (let request = requests.pop(); request !== undefined; request = requests.pop()) {
        answers.push(...(await this.invoke(request)));
      }
    });
    await Promise.all(callers);
    this.unlabelled.push(...answers);
    this.counts.push({
      at: this.now().toISOString(),
      sent: this.sent - before.sent,
      failed: this.failed - before.failed,
    });
    return answers;
  }

  /** Keeps sending single requests until `task` is done: nobody stops calling because a release is under way. */
  async during<T>(task: Promise<T>, next: () => readonly Row[]): Promise<T> {
    const state = { done: false };
    const result = task.finally(() => {
      state.done = true;
    });
    // the failure of the task is the caller's to see, after the traffic has stopped
    result.catch(() => undefined);
    while (!state.done) {
      await this.send(next());
      await new Promise(resolve => setTimeout(resolve, 20));
    }
    return result;
  }

  /** The labels of everything answered since the last call, as JSON lines for the lake. */
  takeLabels(): { readonly lines: string; readonly answers: readonly Answered[] } {
    const answers = this.unlabelled;
    this.unlabelled = [];
    const labelTime = this.now().toISOString().replace('T', ' ').replace('Z', '');
    const lines = answers.map(answer =>
      JSON.stringify({ request_id: answer.requestId, label: answer.label, label_time: labelTime }),
    );
    return { lines: `${lines.join('\n')}\n`, answers };
  }

  private async invoke(rows: readonly Row[]): Promise<Answered[]> {
    this.sent += rows.length;
    try {
      const answer = await this.serving.predict(rows);
      expectThat(answer.predictions.length === rows.length, `${rows.length} predictions`, answer);
      this.answeredBy.push(answer.version);
      return answer.predictions.map((prediction, index) => ({
        requestId: prediction.request_id,
        label: rows[index]?.label ?? 0,
        score: prediction.score,
        prediction: prediction.prediction,
        version: answer.version,
      }));
    } catch (error) {
      this.failed += rows.length;
      this.failures.push(`${this.now().toISOString()} ${String(error)}`);
      return [];
    }
  }
}

/** Area under the ROC curve of answers whose labels are known, ties counted half. */
export function areaUnderCurve(answers: readonly { readonly score: number; readonly label: number }[]): number {
  const positives = answers.filter(answer => answer.label === 1);
  const negatives = answers.filter(answer => answer.label === 0);
  if (positives.length === 0 || negatives.length === 0) {
    throw new Error(`an AUC needs answers of both labels, got ${positives.length} of 1 and ${negatives.length} of 0`);
  }
  let wins = 0;
  for (const positive of positives) {
    for (const negative of negatives) {
      wins += positive.score > negative.score ? 1 : positive.score === negative.score ? 0.5 : 0;
    }
  }
  return wins / (positives.length * negatives.length);
}
