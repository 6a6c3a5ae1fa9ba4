import type { ShadowSettings } from '../shared/contracts';

/** Answers of two versions to the same requests. */
export interface PairedAnswers {
  /** Requests that both answered. */
  readonly compared: number;
  /** Of these, how many they predicted differently. */
  readonly disagreeing: number;
  /** How far their scores lie apart, on average; absent where none has a score. */
  readonly scoreDifference?: number;
}

/** How one of the two bore its requests. */
export interface VariantLoad {
  readonly requests: number;
  /** Requests that the model did not answer with 2XX. */
  readonly errors: number;
  /** Time in which it answered 99 of 100 requests. */
  readonly p99Milliseconds?: number;
}

/** What two versions did with the same requests. */
export interface ShadowComparison extends PairedAnswers {
  readonly champion: VariantLoad;
  readonly challenger: VariantLoad;
}

/** What a comparison says for or against the version that shadowed. */
export interface ShadowVerdict {
  readonly good: boolean;
  /** In words, with the numbers that count. */
  readonly reason: string;
  /** Whether it is against it only because too little was seen. */
  readonly tooFew?: true;
}

type Limits = Pick<
  ShadowSettings,
  'minRequests' | 'maxDisagreement' | 'maxScoreDifference' | 'maxErrorRate' | 'maxLatencyMilliseconds'
>;

/**
 * Judges a shadow's comparison: whatever is against it is said, and too little seen is no word for it, neither in the log
 * nor in the metrics, which may come late or not at all.
 */
export function judgeShadow(limits: Limits, comparison: ShadowComparison): ShadowVerdict {
  const { compared, disagreeing, scoreDifference, champion, challenger } = comparison;
  if (compared < limits.minRequests) {
    return {
      good: false,
      reason: `only ${requests(compared)} could be compared, must be at least ${limits.minRequests}; ${loads(comparison)}`,
      tooFew: true,
    };
  }
  const excess = rate(challenger) - rate(champion);
  const against = [
    ...(disagreeing / compared > limits.maxDisagreement
      ? [`${percent(disagreeing / compared)} were answered otherwise, more than ${percent(limits.maxDisagreement)}`]
      : []),
    ...(limits.maxScoreDifference !== undefined && (scoreDifference ?? 0) > limits.maxScoreDifference
      ? [`scores differ by ${round(scoreDifference)} on average, more than ${round(limits.maxScoreDifference)}`]
      : []),
    ...(excess > limits.maxErrorRate
      ? [
          `it failed ${percent(rate(challenger))} of its requests and the one that serves ${percent(rate(champion))}, more than ${percent(limits.maxErrorRate)} apart`,
        ]
      : []),
    ...(challenger.p99Milliseconds !== undefined && challenger.p99Milliseconds > limits.maxLatencyMilliseconds
      ? [
          `it takes ${milliseconds(challenger.p99Milliseconds)} for 99 of 100 answers, more than ${limits.maxLatencyMilliseconds} ms`,
        ]
      : []),
  ];
  if (against.length > 0) return { good: false, reason: `${against.join('; ')}; of all: ${inWords(comparison)}` };
  const unseen = unmeasured(challenger, limits.minRequests);
  return unseen === undefined
    ? { good: true, reason: inWords(comparison) }
    : { good: false, reason: `${unseen}; ${inWords(comparison)}`, tooFew: true };
}

/** What its metrics leave open, although the log has enough of its answers. */
function unmeasured({ requests: measured }: VariantLoad, minRequests: number): string | undefined {
  return measured < minRequests
    ? `its metrics tell of only ${requests(measured)}, must be at least ${minRequests}, so its failures and its speed are not known`
    : undefined;
}

function inWords(comparison: ShadowComparison): string {
  const { compared, disagreeing, scoreDifference } = comparison;
  const scores = scoreDifference === undefined ? '' : `, scores differ by ${round(scoreDifference)} on average`;
  return `${requests(compared)} compared, ${percent(disagreeing / compared)} answered otherwise${scores}; ${loads(comparison)}`;
}

function loads({ champion, challenger }: ShadowComparison): string {
  return `it failed ${challenger.errors} of ${requests(challenger.requests)}${latency(challenger)}, the one that serves ${champion.errors} of ${champion.requests}${latency(champion)}`;
}

function latency({ p99Milliseconds }: VariantLoad): string {
  return p99Milliseconds === undefined
    ? ' (latency not measured)'
    : ` (99 of 100 within ${milliseconds(p99Milliseconds)})`;
}

function rate({ requests: all, errors }: VariantLoad): number {
  return all === 0 ? 0 : errors / all;
}

function requests(count: number): string {
  return count === 1 ? '1 request' : `${count} requests`;
}

function percent(share: number): string {
  return `${Number((share * 100).toFixed(share < 0.1 ? 1 : 0))} %`;
}

function milliseconds(value: number): string {
  return `${round(value)} ms`;
}

function round(value: number | undefined): string {
  return String(Number((value ?? 0).toPrecision(2)));
}
