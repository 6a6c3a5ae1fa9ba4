import { notImplemented, validationException } from '../errors';
import type { ServiceModel } from './model';
import type { FieldSupport } from './supported-fields';

/**
 * Refuses, by name, each member that AWS does not have and each that this server does not implement. A request whose
 * every member passes is one that is carried out in full.
 */
export function checkSupport(
  model: ServiceModel,
  operation: string,
  shapeName: string,
  support: FieldSupport,
  input: unknown,
): void {
  const accepted = [...support.implemented, ...(support.recorded ?? [])];
  walk(shapeName, input, '');

  function walk(shape: string, value: unknown, path: string): void {
    const { type, members, member, value: mapValue } = model.shape(shape);
    if (type === 'list' && member !== undefined) {
      (value as readonly unknown[]).forEach(item => walk(member.shape, item, path));
      return;
    }
    if (type === 'map' && mapValue !== undefined) {
      Object.values(value as object).forEach(item => walk(mapValue.shape, item, path));
      return;
    }
    if (type !== 'structure') {
      checkValue(value, path);
      return;
    }
    for (const [name, nested] of Object.entries(value as Readonly<Record<string, unknown>>)) {
      const nestedPath = path === '' ? name : `${path}.${name}`;
      const known = members !== undefined && Object.hasOwn(members, name) ? members[name] : undefined;
      if (known === undefined) {
        throw validationException(`'${nestedPath}' is not a member of the request of '${operation}'`);
      }
      if (!isAccepted(nestedPath)) {
        throw notImplemented(`field '${nestedPath}' of '${operation}'; leave it out`);
      }
      walk(known.shape, nested, nestedPath);
    }
  }

  function isAccepted(path: string): boolean {
    return accepted.some(entry => entry === path || path.startsWith(`${entry}.`) || entry.startsWith(`${path}.`));
  }

  function checkValue(value: unknown, path: string): void {
    const allowed = support.values?.[path];
    if (allowed !== undefined && !(allowed as readonly unknown[]).includes(value)) {
      const list = allowed.map(item => `'${item}'`).join(', ');
      throw notImplemented(`value '${String(value)}' of field '${path}' of '${operation}'; allowed: ${list}`);
    }
  }
}
