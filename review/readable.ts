/** What CDK adds for itself, and what changes with its version alone. */
const NOT_OURS: Partial<Record<string, readonly string[]>> = {
  Parameters: ['BootstrapVersion'],
  Rules: ['CheckBootstrapVersion'],
  Resources: ['CDKMetadata'],
  Conditions: ['CDKMetadataAvailable'],
  // addresses of Firehose by region: a table of the CDK's own that grows with AWS
  Mappings: ['awscdkawskinesisfirehoseCidrBlocks'],
};

/** How a reference is written out; each answer is the whole text. */
export interface References {
  /** A resource, parameter or pseudo parameter of the template itself, perhaps with an attribute: `Key.Arn`. */
  own(name: string): string;
  imported(exportName: string): string;
  outputOf(stackName: string, outputName: string): string;
}

/** As the template itself names it. */
export const AS_WRITTEN: References = {
  own: name => `\${${name}}`,
  imported: exportName => `\${import ${exportName}}`,
  outputOf: (stackName, outputName) => `\${${stackName}: ${outputName}}`,
};

/** The sections of a template that hold anything of ours. */
export function ourSections(template: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(template)
      .map(([section, content]) => [section, withoutForeign(section, content)] as const)
      .filter(([, content]) => typeof content !== 'object' || Object.keys(content as object).length > 0),
  );
}

function withoutForeign(section: string, content: unknown): unknown {
  return typeof content === 'object' && content !== null
    ? Object.fromEntries(Object.entries(content).filter(([name]) => NOT_OURS[section]?.includes(name) !== true))
    : content;
}

/** A value as a person reads it: references in one text, JSON inside texts unfolded, hashes of code masked. */
export function readable(value: unknown, references: References = AS_WRITTEN): unknown {
  if (Array.isArray(value)) {
    return value.map(item => readable(item, references));
  }
  if (typeof value !== 'object' || value === null) {
    return typeof value === 'string' ? unfolded(value, references) : value;
  }
  const reference = inline(value, references);
  return reference === undefined
    ? Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, readable(inner, references)]))
    : unfolded(reference, references);
}

/** A text that holds JSON is shown as what it holds. */
function unfolded(text: string, references: References): unknown {
  const masked = text.replaceAll(/\b[0-9a-f]{64}\b/g, '<hash>');
  if (/^\s*[{[]/.test(masked)) {
    try {
      return readable(JSON.parse(masked), references);
    } catch {
      return masked;
    }
  }
  return masked;
}

/** A reference as it would stand in `Fn::Sub`; nothing for what is none. */
function inline(value: object, references: References): string | undefined {
  const [[name, argument] = [], ...others] = Object.entries(value) as [string, unknown][];
  if (name === undefined || others.length > 0) {
    return undefined;
  }
  const inlined = (inner: unknown): string | undefined =>
    typeof inner === 'object' && inner !== null ? inline(inner, references) : String(inner);
  switch (name) {
    case 'Ref':
      return references.own(String(argument));
    case 'Fn::GetAtt': {
      const parts = Array.isArray(argument) ? argument.map(inlined) : [inlined(argument)];
      return parts.includes(undefined) ? undefined : references.own(parts.join('.'));
    }
    case 'Fn::ImportValue': {
      const exportName = inlined(argument);
      return exportName === undefined ? undefined : references.imported(exportName);
    }
    case 'Fn::GetStackOutput': {
      const { StackName, OutputName } = argument as Record<string, string>;
      return references.outputOf(StackName, OutputName);
    }
    case 'Fn::Sub':
      return typeof argument === 'string' ? substituted(argument, references) : undefined;
    case 'Fn::Select': {
      const [index, list] = argument as [string, object];
      const text = Array.isArray(list) ? undefined : inline(list, references);
      return text === undefined ? undefined : `\${part ${index} of ${text}}`;
    }
    case 'Fn::Split': {
      const [delimiter, text] = argument as [string, unknown];
      return `${inlined(text) ?? ''} split at '${delimiter}'`;
    }
    case 'Fn::Join': {
      const [delimiter, parts] = argument as [string, unknown];
      const texts = Array.isArray(parts) ? parts.map(inlined) : [undefined];
      return texts.includes(undefined) ? undefined : texts.join(delimiter);
    }
    default:
      return undefined;
  }
}

function substituted(text: string, references: References): string {
  return text.replaceAll(/\$\{([^!}][^}]*)\}/g, (_, name: string) => references.own(name));
}
