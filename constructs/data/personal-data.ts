/** Where a model's data tell of persons. */
export interface PersonalData {
  /**
   * Column of the landed files that names a person; neither a feature nor the label, so it is in no curated row, no
   * snapshot and no version. By it a person's rows are found and erased.
   */
  readonly subject: string;

  /**
   * Features that may hold personal data; refused unless `acceptFieldsInSnapshots` is given. They stay in locked snapshots,
   * without the person's key, until these may go; an erasure says so.
   *
   * @default - none
   */
  readonly fields?: string[];

  /**
   * Whether it is accepted that the `fields` stay in locked snapshots, from which no erasure takes them. Refused where
   * there are no `fields`.
   *
   * @default false - fields are refused
   */
  readonly acceptFieldsInSnapshots?: boolean;
}
