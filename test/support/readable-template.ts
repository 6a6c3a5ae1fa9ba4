import { stringify } from 'yaml';

/** What CDK adds for itself, and what changes with its version alone. */
const NOT_OURS = {
  Parameters: ['BootstrapVersion'],
  Rules: ['CheckBootstrapVersion'],
  Resources: ['CDKMetadata'],
  // addresses of Firehose by region: a table of the CDK's own that grows with AWS
  Mappings: ['awscdkawskinesisfirehoseCidrBlocks'],
};

/**
 * A template as an infra reviewer reads it: references as `${Name.Attribute}`, JSON inside texts unfolded, keys in
 * order, hashes of code masked. What stays the same in AWS stays the same here.
 */
export function readableTemplate(template: Readonly<Record<string, unknown>>): string {
  const ours = Object.fromEntries(
    Object.entries(template)
      .map(([section, content]) => [section, withoutForeign(section, content)] as const)
      .filter(([, content]) => Object.keys(content).length > 0),
  );
  return stringify(readable(ours), { lineWidth: 0, sortMapEntries: true, aliasDuplicateObjects: false });
}

function withoutForeign(section: string, content: unknown): Record<string, unknown> {
  const foreign = Object.entries(NOT_OURS).find(([name]) => name === section)?.[1] ?? [];
  return Object.fromEntries(
    Object.entries(content as Record<string, unknown>).filter(([name]) => !foreign.includes(name)),
  );
}

function readable(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(readable);
  }
  if (typeof value !== 'object' || value === null) {
    return typeof value === 'string' ? unfolded(value) : value;
  }
  const reference = inline(value);
  return reference === undefined
    ? Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, readable(inner)]))
    : unfolded(reference);
}

/** A text that holds JSON is shown as what it holds. */
function unfolded(text: string): unknown {
  const masked = text.replaceAll(/\b[0-9a-f]{64}\b/g, '<hash>');
  if (/^\s*[{[]/.test(masked)) {
    try {
      return readable(JSON.parse(masked));
    } catch {
      return masked;
    }
  }
  return masked;
}

/** A reference as it would stand in `Fn::Sub`; nothing for what is none. */
function inline(value: object): string | undefined {
  const [[name, argument] = [], ...others] = Object.entries(value) as [string, unknown][];
  if (name === undefined || others.length > 0) {
    return undefined;
  }
  switch (name) {
    case 'Ref':
      return `\${${String(argument)}}`;
    case 'Fn::GetAtt':
      return `\${${(argument as string[]).join('.')}}`;
    case 'Fn::ImportValue':
      return `\${import ${String(argument)}}`;
    case 'Fn::GetStackOutput': {
      const { StackName, OutputName } = argument as Record<string, string>;
      return `\${${StackName}: ${OutputName}}`;
    }
    case 'Fn::Sub':
      return typeof argument === 'string' ? argument : undefined;
    case 'Fn::Select': {
      const [index, list] = argument as [string, object];
      const text = inline(list);
      return text === undefined ? undefined : `\${part ${index} of ${text}}`;
    }
    case 'Fn::Split': {
      const [delimiter, text] = argument as [string, unknown];
      return `${inlined(text) ?? ''} split at '${delimiter}'`;
    }
    case 'Fn::Join': {
      const [delimiter, parts] = argument as [string, unknown[]];
      const texts = parts.map(inlined);
      return texts.includes(undefined) ? undefined : texts.join(delimiter);
    }
    default:
      return undefined;
  }
}

function inlined(value: unknown): string | undefined {
  return typeof value === 'object' && value !== null ? inline(value) : String(value);
}
