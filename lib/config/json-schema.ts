import { z } from 'zod';
import { environmentSchema } from './environment-schema';

/** The editors' schema of an environment file, as the text of `environments/schema.json`. */
export function environmentJsonSchema(): string {
  return `${JSON.stringify(z.toJSONSchema(environmentSchema, { io: 'input' }), null, 2)}\n`;
}
