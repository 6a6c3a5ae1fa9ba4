import { Token } from 'aws-cdk-lib';
import type { Problems } from '../private/validation';
import type { ModelCard } from './model-card';

/** They fit SageMaker's cards, and all of them together fit the model's parameter beside its other settings. */
const MOST_CHARACTERS: Readonly<Record<Exclude<keyof ModelCard, 'riskRating'>, number>> = {
  owner: 256,
  purpose: 1000,
  intendedUses: 1000,
  limits: 1000,
  riskExplanation: 1000,
  dataSource: 500,
};

/** Notes texts of a card that are empty or too long. */
export function requireCard(problems: Problems, card: ModelCard | undefined): void {
  for (const [name, most] of Object.entries(MOST_CHARACTERS)) {
    const text = card?.[name as keyof typeof MOST_CHARACTERS];
    if (text === undefined || Token.isUnresolved(text)) continue;
    problems.require(
      text.length >= 1 && text.length <= most,
      `'card.${name}' has ${text.length} characters, must have from 1 to ${most}, ` +
        (text === '' ? 'leave it out if there is nothing to say' : 'shorten it'),
    );
  }
}
