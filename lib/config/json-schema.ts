import { z } from 'zod';
import { environmentSchema } from './environment-schema';
import { modelDefinitionSchema } from './model-schema';

/** As much of JSON Schema as the files' schemas have. */
export interface SchemaNode {
  readonly description?: string;
  readonly default?: unknown;
  readonly type?: string | readonly string[];
  readonly enum?: readonly (string | number)[];
  readonly const?: string;
  readonly minimum?: number;
  readonly exclusiveMinimum?: number;
  readonly maximum?: number;
  readonly exclusiveMaximum?: number;
  readonly maxLength?: number;
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: SchemaNode | false;
  readonly items?: SchemaNode;
  readonly anyOf?: readonly SchemaNode[];
  readonly oneOf?: readonly SchemaNode[];
}

/** The schema of an environment file, as JSON Schema. */
export function environmentSchemaTree(): SchemaNode {
  return z.toJSONSchema(environmentSchema, { io: 'input' }) as unknown as SchemaNode;
}

/** The schema of a model's file, as JSON Schema. */
export function modelSchemaTree(): SchemaNode {
  return z.toJSONSchema(modelDefinitionSchema, { io: 'input' }) as unknown as SchemaNode;
}

/** The editors' schema of an environment file, as the text of `environments/schema.json`. */
export function environmentJsonSchema(): string {
  return asText(environmentSchemaTree());
}

/** The editors' schema of a model's file, as the text of `environments/model-schema.json`. */
export function modelJsonSchema(): string {
  return asText(modelSchemaTree());
}

function asText(tree: SchemaNode): string {
  return `${JSON.stringify(tree, null, 2)}\n`;
}
