/** A resource of a template as CloudFormation gets it. */
export interface TemplateResource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
}

/** A template as CloudFormation gets it. */
export interface Template {
  readonly Resources?: Readonly<Record<string, TemplateResource>>;
}

/** What a deployment would be refused for. */
export interface Finding {
  /** @default - it is about the template as a whole */
  readonly logicalId?: string;
  /** Property of the resource, or part of the template. */
  readonly location: string;
  /** The property in quotes, the value got, what is allowed, and the fix. */
  readonly message: string;
}

/** A limit of a service, told once for all templates. */
export interface Limit {
  /** Name by which it can be acknowledged. */
  readonly name: string;
  /** `account` is that of the stack, where it is known. */
  readonly findings: (template: Template, text: string, account?: string) => Finding[];
}

/** Resources of some types, with their logical ids. */
export function resourcesOf(template: Template, ...types: string[]): [string, Readonly<Record<string, unknown>>][] {
  return Object.entries(template.Resources ?? {})
    .filter(([, { Type }]) => types.includes(Type))
    .map(([logicalId, { Properties }]) => [logicalId, Properties ?? {}]);
}

/** Logical id to which a value refers; nothing for what is no reference within the template. */
export function referred(value: unknown): string | undefined {
  if (!isObject(value)) return undefined;
  const { Ref: ref, 'Fn::GetAtt': attribute } = value;
  const target: unknown = ref ?? (Array.isArray(attribute) ? (attribute as unknown[])[0] : attribute);
  return typeof target === 'string' ? target.split('.')[0] : undefined;
}

/** Whether a value has properties. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The elements of a list; none for anything else, such as a function of CloudFormation. */
export function listed(value: unknown): unknown[] {
  return Array.isArray(value) ? (value as unknown[]) : [];
}
