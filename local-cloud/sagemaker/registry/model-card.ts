import type { ModelPackageModelCard } from '@aws-sdk/client-sagemaker';
import { validationException } from '../errors';

/** What the schema of a model package's card knows at its top; it is shut against all else. */
const SECTIONS = new Set([
  'model_overview',
  'intended_uses',
  'business_details',
  'training_details',
  'evaluation_details',
  'additional_information',
]);

/**
 * A version's card after a request: what the request leaves out stays, and an archived card's content does not change.
 * The content is held against the top of SageMaker's schema alone; AWS's own words for a bad one are not known.
 */
export function cardAfter(
  card: ModelPackageModelCard | undefined,
  change: ModelPackageModelCard | undefined,
): ModelPackageModelCard | undefined {
  if (change === undefined) return card;
  if (change.ModelCardContent !== undefined) {
    if (card?.ModelCardStatus === 'Archived') throw validationException('Model Card is in Archived state');
    requireSections(change.ModelCardContent);
  }
  return { ...card, ...change };
}

function requireSections(content: string): void {
  const parsed = parse(content);
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    throw validationException("'ModelCardContent' must be a JSON object");
  }
  const unknown = Object.keys(parsed).find(name => !SECTIONS.has(name));
  if (unknown !== undefined) {
    throw validationException(`'ModelCardContent' has '${unknown}', must have only ${[...SECTIONS].join(', ')}`);
  }
}

function parse(content: string): unknown {
  try {
    return JSON.parse(content);
  } catch {
    return undefined;
  }
}
