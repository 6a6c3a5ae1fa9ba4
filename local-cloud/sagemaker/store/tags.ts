import type { AddTagsCommandInput, DeleteTagsCommandInput, ListTagsCommandInput, Tag } from '@aws-sdk/client-sagemaker';
import { resourceLimitExceeded, validationException } from '../errors';
import type { Operations } from '../operations';
import type { Checked } from '../service-model/checked';

const MAX_TAGS = 50;
const DEFAULT_PAGE = 50;

/** A tag as requests and answers write it. */
export type CheckedTag = Checked<Tag>;

/** Tags of every resource, by its ARN. */
export class Tags {
  private readonly byArn = new Map<string, Map<string, string>>();

  public readonly operations: Operations = {
    AddTags: (input: Checked<AddTagsCommandInput>) => {
      this.add(input.ResourceArn, input.Tags);
      return { Tags: this.of(input.ResourceArn) };
    },
    ListTags: (input: Checked<ListTagsCommandInput>) => {
      const all = this.of(input.ResourceArn);
      const start = input.NextToken === undefined ? 0 : Number(input.NextToken);
      if (!Number.isInteger(start) || start < 0) {
        throw validationException(`Invalid NextToken: '${String(input.NextToken)}'`);
      }
      const end = start + (input.MaxResults ?? DEFAULT_PAGE);
      return { Tags: all.slice(start, end), ...(end < all.length && { NextToken: String(end) }) };
    },
    DeleteTags: (input: Checked<DeleteTagsCommandInput>) => {
      const tags = this.existing(input.ResourceArn);
      input.TagKeys.forEach(key => tags.delete(key));
      return {};
    },
  };

  /** Begins to keep the tags of a new resource. */
  public create(arn: string, tags: readonly CheckedTag[] | undefined): void {
    this.byArn.set(arn, new Map());
    this.add(arn, tags ?? []);
  }

  /** Forgets the tags of a resource that is gone. */
  public remove(arn: string): void {
    this.byArn.delete(arn);
  }

  /** Tags of a resource, sorted by nothing but the order in which they came. */
  public of(arn: string): CheckedTag[] {
    return [...this.existing(arn)].map(([Key, Value]) => ({ Key, Value }));
  }

  /** Tags in the form in which events carry them. */
  public asRecord(arn: string): Record<string, string> {
    return Object.fromEntries(this.byArn.get(arn) ?? []);
  }

  private add(arn: string, added: readonly CheckedTag[]): void {
    const tags = this.existing(arn);
    const merged = new Map([...tags, ...added.map(tag => [tag.Key, tag.Value] as const)]);
    if (merged.size > MAX_TAGS) {
      throw resourceLimitExceeded(`a resource has at most ${MAX_TAGS} tags, '${arn}' would have ${merged.size}`);
    }
    this.byArn.set(arn, merged);
  }

  private existing(arn: string): Map<string, string> {
    const tags = this.byArn.get(arn);
    if (tags === undefined) {
      throw validationException(`Could not find resource "${arn}".`);
    }
    return tags;
  }
}
