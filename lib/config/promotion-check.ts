import { ConfigError } from './config-error';
import type { EnvironmentFile } from './environment-schema';
import type { PromotionFile, PromotionPeer } from './promotion-schema';

/** What is needed of a file to hold it against another. */
type Peer = Pick<EnvironmentFile, 'account' | 'region' | 'promotion'>;

/**
 * Fails where an environment and the ones at the other end of its promotions do not say the same. `read` gives another
 * environment's file; nothing if it has none here, since it may be another repository's.
 */
export function checkPromotion(file: string, name: string, own: Peer, read: (name: string) => Peer | undefined): void {
  const { from, to = [] } = own.promotion ?? {};
  const problems = [
    ...(from === undefined ? [] : problemsOf('promotion.from', from, { name, ...own }, read, 'to')),
    ...to.flatMap((peer, index) => problemsOf(`promotion.to[${index}]`, peer, { name, ...own }, read, 'from')),
    ...repeated(to.map(({ environment }) => environment)).map(
      environment => `'promotion.to' names '${environment}' more than once, must name each environment once`,
    ),
  ];
  if (problems.length > 0) throw new ConfigError(problems.map(problem => `${file}: ${problem}`).join('\n'));
}

function problemsOf(
  path: string,
  peer: PromotionPeer,
  own: Peer & { readonly name: string },
  read: (name: string) => Peer | undefined,
  back: keyof PromotionFile,
): string[] {
  const { environment, account, region } = peer;
  if (environment === own.name) {
    return [`'${path}.environment' is '${environment}', must be another environment than this one`];
  }
  const other = read(environment);
  if (other === undefined) return [];
  const theirs = `environments/${environment}.yaml`;
  const listed = [other.promotion?.[back] ?? []].flat();
  const mirror = listed.find(each => each.environment === own.name);
  return [
    ...differs(`${path}.account`, account, other.account, `'account' of ${theirs}`),
    ...differs(`${path}.region`, region, other.region, `'region' of ${theirs}`),
    ...(mirror === undefined
      ? [
          `'${path}' names '${environment}', whose file must name '${own.name}' in 'promotion.${back}' as well, add it to ${theirs}`,
        ]
      : [
          ...differs('account', own.account, mirror.account, `'promotion.${back}' of ${theirs}`),
          ...differs('region', own.region, mirror.region, `'promotion.${back}' of ${theirs}`),
        ]),
  ];
}

/** An account that is left out is that of the credentials in use, and cannot be held against another. */
function differs(path: string, got: string | undefined, wanted: string | undefined, where: string): string[] {
  if (got === undefined || wanted === undefined || got === wanted) return [];
  return [`'${path}' is '${got}', must be '${wanted}' as ${where} says`];
}

function repeated(names: readonly string[]): string[] {
  return [...new Set(names.filter((name, index) => names.indexOf(name) !== index))];
}
