import { z } from 'zod';
import type { Verification } from './serving-target';

/** Answer of the model server to one instance. */
const answerSchema = z.object({
  predictions: z
    .array(z.object({ prediction: z.union([z.number(), z.string()]), score: z.number().optional() }))
    .length(1),
  version: z.string(),
});

/** Judges the answer to a probe: it must be one prediction, and name the version that is to answer. */
export function judgeAnswer(body: string, version: string): Verification {
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
  if (parsed.data.version !== version) {
    return { verified: false, detail: `version ${parsed.data.version} answered a prediction, not version ${version}` };
  }
  const answers = parsed.data.predictions.map(({ prediction }) => String(prediction));
  return { verified: true, detail: `version ${version} answered a prediction with ${answers.join()}` };
}
