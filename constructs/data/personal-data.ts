/** Where a model's data tell of persons. */
export interface PersonalData {
  /**
   * Column of the landed files that names a person; neither a feature nor the label, so it is in no curated row, no
   * snapshot and no version. By it a person's rows are found and erased.
   */
  readonly subject: string;

  /**
   * Features that may hold personal data; each is refused unless `acceptedInSnapshots` names it. They stay in locked
   * snapshots, without the person's key, until these may go; an erasure says so.
   *
   * @default - none
   */
  readonly fields?: string[];

  /**
   * Those of the `fields` of which it is accepted that they stay in locked snapshots, from which no erasure takes them:
   * a field that is added later is refused until it is named here too. Refused where it is empty, or names what is not among them.
   *
   * @default - none, each field is refused
   */
  readonly acceptedInSnapshots?: string[];
}
