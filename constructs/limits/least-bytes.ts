import { isObject, listed } from './template';

/** Shortest that a deployment makes of what is known by then only: a wrong guess must refuse nothing that would fit. */
const LEAST_OF_PSEUDO_PARAMETERS: Readonly<Record<string, number>> = {
  'AWS::AccountId': 12,
  'AWS::Partition': 'aws'.length,
  'AWS::Region': 'eu-west-1'.length,
  'AWS::URLSuffix': 'amazonaws.com'.length,
  'AWS::NoValue': 0,
};
const LEAST_OF_ARN = 'arn:aws:s3:::abc'.length;
const LEAST_OF_OTHERS = 1;

/** Fewest bytes that the text of a value can have once it is deployed. */
export function leastBytes(value: unknown): number {
  if (typeof value === 'string') return Buffer.byteLength(value);
  if (typeof value === 'number' || typeof value === 'boolean') return String(value).length;
  if (!isObject(value)) return 0;
  const [[name, argument] = ['', undefined]] = Object.entries(value);
  switch (name) {
    case 'Ref':
      return LEAST_OF_PSEUDO_PARAMETERS[String(argument)] ?? LEAST_OF_OTHERS;
    case 'Fn::GetAtt':
      return /arn$/i.test(String(listed(argument)[1] ?? argument)) ? LEAST_OF_ARN : LEAST_OF_OTHERS;
    case 'Fn::Join': {
      const [delimiter, parts] = listed(argument);
      const lengths = listed(parts).map(leastBytes);
      return sum(lengths) + Math.max(0, lengths.length - 1) * leastBytes(delimiter);
    }
    case 'Fn::Sub':
      return Buffer.byteLength(String(listed(argument)[0] ?? argument).replace(/\$\{[^!][^}]*\}/g, ''));
    case 'Fn::If':
      return Math.min(...listed(argument).slice(1).map(leastBytes));
    default:
      return LEAST_OF_OTHERS;
  }
}

/** Fewest bytes of a document as JSON without white space, as IAM counts it. */
export function leastJsonBytes(value: unknown): number {
  if (Array.isArray(value)) {
    return '[]'.length + Math.max(0, value.length - 1) + sum((value as unknown[]).map(leastJsonBytes));
  }
  if (!isObject(value)) return typeof value === 'string' ? Buffer.byteLength(JSON.stringify(value)) : leastBytes(value);
  const entries = Object.entries(value);
  const [[name] = ['']] = entries;
  if (entries.length === 1 && (name === 'Ref' || name.startsWith('Fn::'))) return '""'.length + leastBytes(value);
  return (
    '{}'.length +
    Math.max(0, entries.length - 1) +
    sum(entries.map(([key, inner]) => JSON.stringify(key).length + ':'.length + leastJsonBytes(inner)))
  );
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
