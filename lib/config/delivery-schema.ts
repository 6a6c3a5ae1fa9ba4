import { z } from 'zod';

const subjects = z
  .array(
    z
      .string()
      .regex(
        /^[^*?\s]+$/,
        "the whole subject of a token, without wildcards, such as 'repo:acme/models:environment:prod'",
      ),
  )
  .min(1, 'at least one subject');

function ofPullRequests(given: readonly string[]): boolean {
  return given.some(subject => subject.endsWith(':pull_request'));
}

/** Who delivers the environment. There is no default: whom a token speaks for only the team knows. */
export const delivery = z
  .strictObject({
    issuer: z
      .string()
      .regex(
        /^[a-z0-9.-]+\.[a-z0-9-]+(\/[\w./-]*[\w-])?$/,
        "host and path without 'https://', such as 'token.actions.githubusercontent.com'",
      )
      .describe("Who signs the tokens of the team's CI, without 'https://'."),
    providerArn: z
      .string()
      .regex(/^arn:aws[\w-]*:iam::\d{12}:oidc-provider\/.+$/, "an OIDC provider's ARN")
      .optional()
      .describe('Its provider in the account, which has one at most of each issuer. Default: one is made.'),
    audience: z
      .string()
      .regex(/^[^*?\s]+$/, 'one audience without wildcards')
      .optional()
      .describe('For whom a token must be made Default: sts.amazonaws.com.'),
    subjects: subjects.describe('Whose tokens may deploy.'),
    reviewSubjects: subjects.optional().describe("Whose tokens may look, for 'cdk diff'. Default: nobody's."),
    mergeSubjects: subjects
      .optional()
      .describe(
        "Whose tokens may start the training of a merged commit, of models whose 'merge' trigger is true. Default: nobody's.",
      ),
    qualifier: z
      .string()
      .regex(/^[a-z0-9]{1,10}$/, '1 to 10 lower-case letters and digits')
      .optional()
      .describe("Qualifier with which the account was bootstrapped Default: CDK's own, hnb659fds."),
  })
  .refine(({ subjects: its }) => !ofPullRequests(its), {
    path: ['subjects'],
    error: "a branch or an environment; what any pull request has belongs in 'reviewSubjects'",
  })
  .refine(({ mergeSubjects: its }) => !ofPullRequests(its ?? []), {
    path: ['mergeSubjects'],
    error: 'a branch or an environment: what any pull request has is not merged',
  })
  .describe("How the team's CI delivers the environment, with tokens instead of keys.");
