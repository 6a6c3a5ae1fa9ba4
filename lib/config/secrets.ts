/**
 * Values that nobody may read in a file: what stands in one comes into git, into templates, and into parameters and tags
 * that many may read. A file names where the secret is, and whoever needs it asks for it there.
 */

/** A value that looks like a secret, at its path; it is not told itself. */
export interface FoundSecret {
  readonly path: readonly PropertyKey[];
  /** What it looks like. */
  readonly kind: string;
}

/** Where secrets are instead, as the end of an error message. */
export const SECRET_FIX =
  "must be the ARN of a secret of Secrets Manager or the name of an SSM parameter such as '/team/token', which is read when it is needed; change the secret, since it has been in a file";

/** What secrets look like by themselves, whatever they are called. */
const KINDS: readonly (readonly [kind: string, pattern: RegExp])[] = [
  ['an AWS access key', /(?<![A-Za-z0-9])(AKIA|ASIA)[A-Z0-9]{16}(?![A-Za-z0-9])/],
  // forty characters of base64 with all it has; a commit's hash has no upper case
  ['a secret access key of AWS', /^(?=.*[a-z])(?=.*[A-Z])(?=.*\d)[A-Za-z0-9/+]{40}$/],
  ['a private key', /-----BEGIN [A-Z ]*PRIVATE KEY-----/],
  ['a token of GitHub', /(?<![A-Za-z0-9])(gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{40,})/],
  ['a token of GitLab', /(?<![A-Za-z0-9])glpat-[\w-]{20,}/],
  ['a token of Slack', /(?<![A-Za-z0-9])xox[abeoprs]-[A-Za-z0-9-]{10,}/],
  ['a signed token (JWT)', /(?<![\w-])eyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{8,}/],
  ['a webhook', /https:\/\/hooks\.slack(-gov)?\.com\/(services|workflows|triggers)\/\S+/i],
  ['a webhook', /https:\/\/[\w.-]+\.webhook\.office\.com\/\S+/i],
  ['a webhook', /https:\/\/(\w+\.)?discord(app)?\.com\/api\/webhooks\/\S+/i],
  ['a webhook', /https:\/\/events\.(eu\.)?pagerduty\.com\/integration\/\w{32}/i],
  ['a URL with a password', /[a-z][a-z0-9+.-]*:\/\/[^\s/:@]*:[^\s/@]+@/i],
  [
    'a URL with a secret',
    /https?:\/\/\S+[?&](sig|signature|token|access_token|key|api_?key|secret|password|x-amz-signature|routing_key)=[^&\s]{8,}/i,
  ],
  // it would be resolved into a parameter or a tag in plain text
  ['a secret that CloudFormation would write out', /\{\{resolve:(secretsmanager|ssm-secure):/],
];

/** What is called so is a secret, unless it says where one is. */
const SECRET_NAME =
  /(^|[^a-z])(password|passwd|passphrase|secret|token|credentials?|api[^a-z]?key|access[^a-z]?key|secret[^a-z]?key|private[^a-z]?key)$/;
/** An ARN, or a parameter's name. */
const REFERENCE = /^(arn:[\w-]+:(secretsmanager|ssm):\S+|\/[\w.-]+(\/[\w.-]+)*)$/;
/** What is too plain to be one. */
const PLAIN = /^(|true|false|none|-?\d+(\.\d+)?)$/i;

/** How `-----BEGIN` looks in base64, as certificates and keys come. */
const BASE64_OF_PEM = 'LS0tLS1CRUdJTi';

/** Values of a document that look like secrets. */
export function secretsIn(document: unknown, path: readonly PropertyKey[] = []): FoundSecret[] {
  if (typeof document === 'string') {
    const kind = kindOf(document, String(path.at(-1) ?? ''));
    return kind === undefined ? [] : [{ path, kind }];
  }
  if (Array.isArray(document)) return document.flatMap((value, index) => secretsIn(value, [...path, index]));
  if (typeof document !== 'object' || document === null) return [];
  return Object.entries(document).flatMap(([key, value]) => secretsIn(value, [...path, key]));
}

function kindOf(text: string, name: string): string | undefined {
  const decoded = text.startsWith(BASE64_OF_PEM) ? Buffer.from(text, 'base64').toString('utf8') : text;
  const kind = KINDS.find(([, pattern]) => pattern.test(text) || pattern.test(decoded))?.[0];
  if (kind !== undefined) return kind;
  // words of camelCase apart
  const words = name.replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2').toLowerCase();
  return SECRET_NAME.test(words) && !REFERENCE.test(text) && !PLAIN.test(text) ? 'a secret by its name' : undefined;
}
