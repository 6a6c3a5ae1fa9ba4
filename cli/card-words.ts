import type { VersionCard } from './ports';
import { shortened } from './text';

/** A card may have a thousand characters in each field; here it is a reminder. */
const MOST = 200;

/** What a card says, a line for each thing that it says. */
export function cardLines(card: VersionCard): [string, string][] {
  const risk = [card.riskRating, card.riskExplanation].filter(words => words !== undefined).join(': ');
  const lines: [string, string | undefined][] = [
    ['purpose', card.purpose],
    ['owner', card.owner],
    ['risk', risk],
    ['intended uses', card.intendedUses],
    ['limits', card.limits],
    ['review', card.status],
  ];
  return lines.flatMap(([name, words]): [string, string][] =>
    words === undefined || words === '' ? [] : [[name, shortened(words, MOST)]],
  );
}
