import { type RequestContext, scopeOf } from '../names';

/** Resources of one type, apart by account and region, by name. */
export class Collection<T extends { readonly name: string }> {
  private readonly scopes = new Map<string, Map<string, T>>();

  /** The resource of that name; undefined when there is none. */
  public find(context: RequestContext, name: string): T | undefined {
    return this.scopes.get(scopeOf(context))?.get(key(name));
  }

  /** Every resource of the caller's account and region. */
  public all(context: RequestContext): T[] {
    return [...(this.scopes.get(scopeOf(context))?.values() ?? [])];
  }

  /** Every resource there is. */
  public everywhere(): T[] {
    return [...this.scopes.values()].flatMap(scope => [...scope.values()]);
  }

  /** Keeps a resource, in place of one of the same name. */
  public put(context: RequestContext, item: T): void {
    let scope = this.scopes.get(scopeOf(context));
    if (scope === undefined) {
      scope = new Map();
      this.scopes.set(scopeOf(context), scope);
    }
    scope.set(key(item.name), item);
  }

  /** Forgets a resource. */
  public remove(context: RequestContext, name: string): void {
    this.scopes.get(scopeOf(context))?.delete(key(name));
  }
}

/** Two names that differ by case alone would have the same ARN. */
function key(name: string): string {
  return name.toLowerCase();
}
