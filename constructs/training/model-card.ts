/** How much harm a wrong answer of a model can do, in SageMaker's words. */
export enum RiskRating {
  /** Somebody may come to harm, or the law holds the use for one of high risk. */
  HIGH = 'High',
  /** Money or trust may be lost. */
  MEDIUM = 'Medium',
  /** A wrong answer is a nuisance. */
  LOW = 'Low',
  /** Nobody has rated it. */
  UNKNOWN = 'Unknown',
}

/** What people say about a model; each version's model card repeats it beside what its run did. */
export interface ModelCard {
  /**
   * Who answers for the model: a team or its address, at most 256 characters.
   *
   * @default - the card names nobody
   */
  readonly owner?: string;

  /**
   * What the model is for, at most 1,000 characters.
   *
   * @default - the card does not say
   */
  readonly purpose?: string;

  /**
   * What it may be used for and what not, at most 1,000 characters.
   *
   * @default - the card does not say
   */
  readonly intendedUses?: string;

  /**
   * Where it is known to be worse, at most 1,000 characters.
   *
   * @default - the card does not say
   */
  readonly limits?: string;

  /**
   * How much harm a wrong answer can do.
   *
   * @default RiskRating.UNKNOWN
   */
  readonly riskRating?: RiskRating;

  /**
   * Why it is rated so, at most 1,000 characters.
   *
   * @default - the card does not say
   */
  readonly riskExplanation?: string;

  /**
   * Where the data come from, at most 500 characters.
   *
   * @default - the card names the snapshot alone
   */
  readonly dataSource?: string;
}
