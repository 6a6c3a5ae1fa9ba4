import { stringify } from 'yaml';
import { ourSections, readable } from '../../review/readable';

/**
 * A template as an infra reviewer reads it: references as `${Name.Attribute}`, JSON inside texts unfolded, keys in
 * order, hashes of code masked. What stays the same in AWS stays the same here.
 */
export function readableTemplate(template: Readonly<Record<string, unknown>>): string {
  return stringify(readable(ourSections(template)), {
    lineWidth: 0,
    sortMapEntries: true,
    aliasDuplicateObjects: false,
  });
}
