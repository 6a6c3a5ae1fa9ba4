import { z } from 'zod';
import type { Probe, Verification } from './serving-target';

/** A request for one prediction by the Open Inference Protocol. */
export function inferenceRequest({ id, instance }: Probe): string {
  return JSON.stringify({
    id,
    inputs: Object.entries(instance).map(([name, value]) => ({
      name,
      shape: [1],
      datatype: typeof value === 'string' ? 'BYTES' : 'FP64',
      data: [value],
    })),
  });
}

const answerSchema = z.looseObject({
  model_version: z.string(),
  outputs: z.array(z.looseObject({ name: z.string(), data: z.array(z.unknown()).length(1) })).min(1),
});

/** Judges the answer to it: it must be one prediction, and name the version that is to answer. */
export function judgeInference(body: string, version: string): Verification & { readonly other?: string } {
  let json: unknown;
  try {
    json = JSON.parse(body);
  } catch {
    return { verified: false, detail: `the answer to a prediction was no JSON: ${body.slice(0, 200)}` };
  }
  const parsed = answerSchema.safeParse(json);
  if (!parsed.success) {
    const problems = parsed.error.issues.map(issue => `'${issue.path.join('.')}': ${issue.message}`).join('; ');
    return { verified: false, detail: `the answer to a prediction does not have the agreed shape (${problems})` };
  }
  const { model_version: answered, outputs } = parsed.data;
  if (answered !== version) {
    return {
      verified: false,
      detail: `version ${answered} answered a prediction, not version ${version}`,
      other: answered,
    };
  }
  const prediction = outputs.find(({ name }) => name === 'prediction');
  if (prediction === undefined) {
    return { verified: false, detail: `the answer of version ${version} to a prediction has no output 'prediction'` };
  }
  return { verified: true, detail: `version ${version} answered a prediction with ${String(prediction.data[0])}` };
}
