import { z } from 'zod';

/**
 * Most bytes of ids of requests in one call, as JSON: a function is given at most 6 MB at once.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
 */
export const MAX_REQUEST_ID_BYTES = 5_000_000;

/** What is wrong with ids of requests; nothing if they fit one call. */
export function requestIdsProblem(ids: readonly string[]): string | undefined {
  const bytes = Buffer.byteLength(JSON.stringify(ids));
  if (bytes <= MAX_REQUEST_ID_BYTES) return undefined;
  return (
    `has ${ids.length} ids of ${bytes} bytes, must have at most ${MAX_REQUEST_ID_BYTES} bytes: ` +
    'split them and erase once with each part'
  );
}

/** Input of the function that erases a person's rows. */
export const erasureRequest = z.strictObject({
  model: z.string(),
  /** The person's key. It is in no record, no log and no answer. */
  subject: z.string(),
  /** Ids of requests about the person that are not made of the key. */
  requestIds: z
    .array(z.string())
    .superRefine((ids, context) => {
      const problem = requestIdsProblem(ids);
      if (problem !== undefined) context.addIssue({ code: 'custom', message: `'requestIds' ${problem}` });
    })
    .optional(),
  /** The same in each call of one erasure. */
  id: z.string().min(1),
  requestedBy: z.string().min(1),
  reason: z.string().optional(),
  /** Whether to count only. */
  dryRun: z.boolean(),
  /** What the last answer said; absent to begin. */
  after: z.string().optional(),
});
export type ErasureRequest = z.infer<typeof erasureRequest>;

/** Counts by place. */
export interface PlaceCounts {
  /** Of rows: in landed files. Of what was looked through: batches. */
  readonly landed: number;
  /** In the inference log; objects of it. */
  readonly predictions: number;
  readonly labels: number;
}

/** Something of the person that stays for a while, and until when. */
export interface Remainder {
  readonly what: string;
  /** ISO 8601, or in words where no date is known. */
  readonly until: string;
}

/** What the function answers; what it could not find out is an error. */
export type ErasureAnswer =
  | { readonly outcome: 'refused'; readonly reason: string }
  | {
      /** `continue`: time was up, ask again with `after`. */
      readonly outcome: 'done' | 'continue';
      readonly after?: string;
      readonly looked: PlaceCounts;
      readonly rows: PlaceCounts;
      /** Versions of objects that went, or in a dry run would go. */
      readonly versions: number;
      /** Where the person may still be, and what to do. */
      readonly problems: readonly { readonly where: string; readonly reason: string }[];
      /** Told with `done`. */
      readonly remains: readonly Remainder[];
    };
