import { validationException } from '../errors';

/** What a page of a List operation is made by. */
export interface ListRequest {
  readonly SortBy?: string;
  readonly SortOrder?: string;
  readonly NextToken?: string;
  readonly MaxResults?: number;
  readonly NameContains?: string;
  readonly StatusEquals?: string;
  readonly CreationTimeAfter?: Date;
  readonly CreationTimeBefore?: Date;
  readonly LastModifiedTimeAfter?: Date;
  readonly LastModifiedTimeBefore?: Date;
}

/** What a List operation needs to know of a resource. */
export interface Listed {
  readonly name: string;
  readonly creationTime: Date;
  readonly lastModifiedTime?: Date;
  readonly status?: string;
}

/** Sort order and sort key that apply when the request gives none; they differ from operation to operation. */
export interface ListDefaults {
  readonly sortBy: string;
  readonly sortOrder: 'Ascending' | 'Descending';
}

/** One page of a list. */
export interface Page<T> {
  readonly items: T[];
  readonly nextToken?: string;
}

const DEFAULT_MAX_RESULTS = 10;

/** Filters, sorts and cuts a list as the request says. */
export function listPage<T extends Listed>(all: readonly T[], request: ListRequest, defaults: ListDefaults): Page<T> {
  const sortBy = request.SortBy ?? defaults.sortBy;
  const sign = (request.SortOrder ?? defaults.sortOrder) === 'Ascending' ? 1 : -1;
  const position = (item: T): readonly [string | number, string] => [sortKey(item, sortBy), item.name];
  const sorted = all.filter(item => matches(item, request)).sort((a, b) => sign * compare(position(a), position(b)));
  // a token names the last item given, not a count, so that what is created or deleted meanwhile shifts nothing
  const after = request.NextToken === undefined ? undefined : decodeToken(request.NextToken);
  const rest = after === undefined ? sorted : sorted.filter(item => sign * compare(position(item), after) > 0);
  const items = rest.slice(0, request.MaxResults ?? DEFAULT_MAX_RESULTS);
  const last = items.at(-1);
  const hasMore = last !== undefined && rest.length > items.length;
  return { items, ...(hasMore && { nextToken: encodeToken(position(last)) }) };
}

function matches(item: Listed, request: ListRequest): boolean {
  return (
    (request.NameContains === undefined || item.name.includes(request.NameContains)) &&
    (request.StatusEquals === undefined || item.status === request.StatusEquals) &&
    within(item.creationTime, request.CreationTimeAfter, request.CreationTimeBefore) &&
    within(item.lastModifiedTime ?? item.creationTime, request.LastModifiedTimeAfter, request.LastModifiedTimeBefore)
  );
}

function within(time: Date, after: Date | undefined, before: Date | undefined): boolean {
  return (after === undefined || time >= after) && (before === undefined || time <= before);
}

function sortKey(item: Listed, sortBy: string): string | number {
  switch (sortBy) {
    case 'Name':
      return item.name;
    case 'Status':
      return item.status ?? '';
    default:
      return item.creationTime.getTime();
  }
}

function compare(a: readonly [string | number, string], b: readonly [string | number, string]): number {
  return a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : a[1] < b[1] ? -1 : a[1] > b[1] ? 1 : 0;
}

function encodeToken(position: readonly [string | number, string]): string {
  return Buffer.from(JSON.stringify(position)).toString('base64url');
}

function decodeToken(token: string): readonly [string | number, string] {
  let decoded: unknown;
  try {
    decoded = JSON.parse(Buffer.from(token, 'base64url').toString('utf8'));
  } catch {
    decoded = undefined;
  }
  const [key, name] = Array.isArray(decoded) ? (decoded as unknown[]) : [];
  if ((typeof key !== 'string' && typeof key !== 'number') || typeof name !== 'string') {
    throw validationException(`Invalid NextToken: '${token}'`);
  }
  return [key, name];
}
