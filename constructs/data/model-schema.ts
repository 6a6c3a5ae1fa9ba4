/** Type of a column, in Athena's own words. */
export enum ColumnType {
  /** 64-bit floating point number. */
  DOUBLE = 'double',
  /** 64-bit integer. */
  BIGINT = 'bigint',
  /** Text; give its allowed values where they are known. */
  STRING = 'string',
}

/** A feature of a model: a typed column and what a valid value of it is. */
export interface FeatureColumn {
  /** Name in the CSV header, in the request and in the inference log; lower-case letters, digits, underscores. */
  readonly name: string;

  /** Type of its values. */
  readonly type: ColumnType;

  /**
   * Smallest allowed value, inclusive; a row below it is quarantined.
   *
   * @default - no lower bound
   */
  readonly min?: number;

  /**
   * Largest allowed value, inclusive; a row above it is quarantined.
   *
   * @default - no upper bound
   */
  readonly max?: number;

  /**
   * Allowed values of a `STRING`; a row with another is quarantined.
   *
   * @default - any value
   */
  readonly values?: string[];

  /**
   * Whether the field may be empty.
   *
   * @default false
   */
  readonly nullable?: boolean;
}

/** What a model reads and what it predicts. */
export interface ModelSchema {
  /** The features, in the order in which the model gets them. */
  readonly features: FeatureColumn[];

  /** Name of the label column, whose values are 0 and 1. */
  readonly label: string;
}
