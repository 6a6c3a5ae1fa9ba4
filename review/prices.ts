import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';

const price = z.strictObject({
  resource: z.string().min(1).describe('Type of CloudFormation, or what a setting makes AWS run.'),
  usd: z.number().positive(),
  per: z.enum(['month', 'hour']),
  region: z.string().min(1).describe('The only one in which it holds, or `any`.'),
  published: z.iso.date().describe('By AWS.'),
  source: z.url({ protocol: /^https$/ }).describe('Where anybody can read it.'),
  assumes: z.string().min(1).optional(),
});

/** What AWS asks for something that stands there. */
export type Price = z.infer<typeof price>;

/** The table of the repository; an error says which entry is wrong. */
export function readPrices(file = join(__dirname, 'prices.yaml')): readonly Price[] {
  // a date stays the text that it is
  const content: unknown = parse(readFileSync(file, 'utf8'), { schema: 'core' });
  const result = z.array(price).safeParse(content);
  if (!result.success) {
    throw new Error(`'${file}' is no table of prices:\n${z.prettifyError(result.error)}`);
  }
  const names = result.data.map(({ resource, region }) => `${resource} in ${region}`);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) {
    throw new Error(`'${file}' has two prices of ${twice}: leave one`);
  }
  return result.data;
}
