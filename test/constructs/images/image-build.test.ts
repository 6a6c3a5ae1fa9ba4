import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Duration, RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { Platform } from 'aws-cdk-lib/aws-ecr-assets';
import { Repository } from 'aws-cdk-lib/aws-ecr';
import { AwsSolutionsChecks } from 'cdk-nag';
import fc from 'fast-check';
import { execFileSync } from 'node:child_process';
import { BuiltImage, ImageBuild, ImageBuilder, type ImageBuildProps } from '../../../constructs';

/** A folder with a Dockerfile, and whatever else is given. */
function folder(files: Record<string, string> = {}): string {
  const made = mkdtempSync(join(tmpdir(), 'image-'));
  for (const [path, text] of Object.entries({ Dockerfile: 'FROM scratch', 'train.py': '', ...files })) {
    mkdirSync(join(made, path, '..'), { recursive: true });
    writeFileSync(join(made, path), text);
  }
  return made;
}

function build(props: Partial<ImageBuildProps> = {}): { stack: Stack; image: ImageBuild; template: Template } {
  const stack = new Stack(new App(), 'Stack');
  const image = new ImageBuild(stack, 'Trainer', { directory: folder(), ...props });
  return { stack, image, template: Template.fromStack(stack) };
}

const tagOf = (props: Partial<ImageBuildProps>) =>
  new ImageBuild(new Stack(new App(), 'Stack'), 'Trainer', { directory: folder(), ...props }).imageTag;

interface Statement {
  readonly Action: string | string[];
  readonly Resource: unknown;
}

function statementsOf(template: Template, role: string): Statement[] {
  return Object.entries(template.findResources('AWS::IAM::Policy'))
    .filter(([id]) => id.includes(role))
    .flatMap(
      ([, policy]) =>
        (policy as { Properties: { PolicyDocument: { Statement: Statement[] } } }).Properties.PolicyDocument.Statement,
    );
}

const allowed = (statements: Statement[]) => statements.flatMap(({ Action }) => Action).sort();

describe('the repository of an image that is built', () => {
  test('is immutable, scanned, encrypted, and kept', () => {
    build().template.hasResource('AWS::ECR::Repository', {
      DeletionPolicy: 'RetainExceptOnCreate',
      UpdateReplacePolicy: 'Retain',
      Properties: {
        ImageTagMutability: 'IMMUTABLE',
        ImageScanningConfiguration: { ScanOnPush: true },
        EncryptionConfiguration: { EncryptionType: 'KMS' },
      },
    });
  });

  test('loses what a broken push left, and nothing that has a tag', () => {
    const [repository] = Object.values(build().template.findResources('AWS::ECR::Repository')) as {
      Properties: { LifecyclePolicy: { LifecyclePolicyText: string } };
    }[];
    const { rules } = JSON.parse(repository.Properties.LifecyclePolicy.LifecyclePolicyText) as {
      rules: { selection: { tagStatus: string } }[];
    };

    expect(rules.map(({ selection }) => selection.tagStatus)).toEqual(['untagged']);
  });

  test.each([
    [{ removalPolicy: RemovalPolicy.DESTROY }, 'RetainExceptOnCreate'],
    [{ removalPolicy: RemovalPolicy.DESTROY, deleteData: true }, 'Delete'],
  ])('told %p, has the deletion policy %s', (props, DeletionPolicy) => {
    build(props).template.hasResource('AWS::ECR::Repository', { DeletionPolicy });
  });
});

describe('the tag of an image that is built', () => {
  test('is the same for the same source, wherever it lies', () => {
    expect(tagOf({})).toBe(tagOf({}));
  });

  const base = tagOf({});
  test.each<[string, Partial<ImageBuildProps>]>([
    ['a file', { directory: folder({ 'train.py': 'print()' }) }],
    ['the Dockerfile', { directory: folder({ Dockerfile: 'FROM python' }) }],
    ['a build argument', { buildArgs: { BASE: 'python' } }],
    ['the platform', { platform: Platform.LINUX_ARM64 }],
    ['the choice of a Dockerfile', { directory: folder({ Gpu: 'FROM scratch' }), file: 'Gpu' }],
  ])('changes with %s', (_, props) => {
    expect(tagOf(props)).not.toBe(base);
  });

  test('does not change with what .dockerignore leaves out, or with the order of the build arguments', () => {
    const ignoring = { '.dockerignore': '*\n!train.py\n' };
    const withTests = { ...ignoring, 'tests/test_train.py': 'x', 'notes.md': 'y' };

    expect(tagOf({ directory: folder(withTests) })).toBe(tagOf({ directory: folder(ignoring) }));
    expect(tagOf({ buildArgs: { A: '1', B: '2' } })).toBe(tagOf({ buildArgs: { B: '2', A: '1' } }));
  });

  test('changes with a Dockerfile that .dockerignore leaves out: it is used all the same', () => {
    const ignoring = { '.dockerignore': '*\n!train.py\n' };

    expect(tagOf({ directory: folder({ ...ignoring, Dockerfile: 'FROM python' }) })).not.toBe(
      tagOf({ directory: folder(ignoring) }),
    );
  });

  test('does not change with machine, time limit, base repositories or the deletion of images', () => {
    const stack = new Stack(new App(), 'Stack');
    const settings = {
      timeout: Duration.minutes(40),
      baseRepositories: [Repository.fromRepositoryName(stack, 'B', 'b')],
    };

    expect(tagOf({ ...settings, removalPolicy: RemovalPolicy.DESTROY, deleteData: true })).toBe(base);
  });
});

describe('the build of an image', () => {
  test('may read its own source, write its own log and push to its own repository', () => {
    const { template, stack, image } = build();
    const statements = statementsOf(template, 'ProjectRole');

    expect(allowed(statements)).toEqual([
      'ecr:BatchCheckLayerAvailability',
      'ecr:CompleteLayerUpload',
      'ecr:GetAuthorizationToken',
      'ecr:InitiateLayerUpload',
      'ecr:PutImage',
      'ecr:UploadLayerPart',
      'logs:CreateLogStream',
      'logs:PutLogEvents',
      's3:GetBucketAcl',
      's3:GetBucketLocation',
      's3:GetObject',
      's3:GetObjectVersion',
    ]);
    expect(statements.filter(({ Resource }) => Resource === '*').map(({ Action }) => Action)).toEqual([
      'ecr:GetAuthorizationToken',
    ]);
    const push = statements.find(({ Action }) => Action.includes('ecr:PutImage'));
    expect(push?.Resource).toEqual(stack.resolve(image.repository.repositoryArn));
  });

  test('may pull from the repositories that it is given, and fill them as a cache', () => {
    const stack = new Stack(new App(), 'Stack');
    const cache = Repository.fromRepositoryName(stack, 'Cache', 'ecr-public/docker/library/python');
    new ImageBuild(stack, 'Trainer', { directory: folder(), baseRepositories: [cache] });

    const pull = statementsOf(Template.fromStack(stack), 'ProjectRole').find(({ Action }) =>
      Action.includes('ecr:BatchGetImage'),
    );
    expect(pull?.Resource).toEqual(stack.resolve(cache.repositoryArn));
    expect(pull?.Action).toContain('ecr:BatchImportUpstreamImage');
  });

  test('ends in time for CloudFormation, and its log is kept for a while', () => {
    const { template } = build();

    template.hasResourceProperties('AWS::CodeBuild::Project', {
      TimeoutInMinutes: 30,
      QueuedTimeoutInMinutes: 10,
      Artifacts: { Type: 'NO_ARTIFACTS' },
      Environment: { Type: 'LINUX_CONTAINER', PrivilegedMode: true },
    });
    template.allResourcesProperties('AWS::Logs::LogGroup', { RetentionInDays: 90 });
  });

  test('runs on a machine of the platform that it is for', () => {
    build({ platform: Platform.LINUX_ARM64 }).template.hasResourceProperties('AWS::CodeBuild::Project', {
      Environment: { Type: 'ARM_CONTAINER' },
    });
  });

  test('pushes only what was built: both are commands of one phase', () => {
    const { image, stack } = build({ buildArgs: { BASE_IMAGE: 'python:3' } });
    const project = image.project.node.defaultChild as unknown as { source: unknown };
    const text = JSON.stringify(stack.resolve(project.source));

    expect(text).toMatch(
      /"build\\":.*docker build --platform linux\/amd64 --file 'Dockerfile' --build-arg 'BASE_IMAGE=python:3'/,
    );
    expect(text).not.toContain('post_build');
  });

  test('gets each build argument as it was given, whatever is in it', () => {
    fc.assert(
      // no shell has an argument with a NUL
      fc.property(
        fc.string({ unit: 'grapheme' }).filter(text => !text.includes('\0')),
        value => {
          const { image, stack } = build({ buildArgs: { VALUE: value } });
          const spec = JSON.stringify(
            stack.resolve((image.project.node.defaultChild as unknown as { source: unknown }).source),
          );
          // the spec's own text is JSON in JSON in an intrinsic function
          const joined = (JSON.parse(spec) as { buildSpec: { 'Fn::Join': [string, unknown[]] } }).buildSpec[
            'Fn::Join'
          ][1]
            .map(part => (typeof part === 'string' ? part : 'registry'))
            .join('');
          const { phases } = JSON.parse(joined) as { phases: { build: { commands: string[] } } };
          const words = execFileSync(
            'sh',
            [
              '-c',
              phases.build.commands[0].replace(
                'docker build',
                `'${process.execPath}' -p 'JSON.stringify(process.argv)' --`,
              ),
            ],
            { encoding: 'utf8' },
          );
          expect(JSON.parse(words)).toContain(`VALUE=${value}`);
        },
      ),
      { numRuns: 15 },
    );
  });
});

describe('the function that waits for builds', () => {
  test('is one for all images that are given it, and may build those alone', () => {
    // GIVEN
    const stack = new Stack(new App(), 'Stack');
    const builder = new ImageBuilder(stack, 'Builder');
    const images = ['Trainer', 'Server'].map(id => new ImageBuild(stack, id, { directory: folder(), builder }));

    // WHEN
    const template = Template.fromStack(stack);

    // THEN
    template.resourceCountIs('AWS::Lambda::Function', 1);
    const statements = statementsOf(template, 'BuilderFunctionRole');
    const started = statements.filter(({ Action }) => Action.includes('codebuild:StartBuild'));
    expect(started.map(({ Resource }) => Resource)).toEqual(
      images.map(({ project }) => stack.resolve(project.projectArn) as unknown),
    );
    expect(allowed(statements)).not.toContain('ecr:BatchDeleteImage');
  });

  test('may be of another stack: its rights to build are in the stack of the image, and there before it', () => {
    // GIVEN
    const app = new App();
    const builder = new ImageBuilder(new Stack(app, 'Shared'), 'Builder');
    const stack = new Stack(app, 'Team');
    const image = new ImageBuild(stack, 'Trainer', { directory: folder(), builder });

    // WHEN
    app.synth();

    // THEN
    const template = Template.fromStack(stack);
    const rights = statementsOf(template, 'TrainerRights');
    expect(rights).toEqual([
      expect.objectContaining({
        Action: ['codebuild:StartBuild', 'codebuild:BatchGetBuilds'],
        Resource: stack.resolve(image.project.projectArn) as unknown,
      }),
      expect.objectContaining({
        Action: 'ecr:DescribeImages',
        Resource: stack.resolve(image.repository.repositoryArn) as unknown,
      }),
    ]);
    template.hasResource('Custom::MlopsImage', {
      DependsOn: Match.arrayWith([Match.stringLikeRegexp('TrainerRightsBuilderRights')]),
    });
  });

  test('has its rights before an image is asked for, and may call itself alone', () => {
    const { template } = build();

    template.hasResource('Custom::MlopsImage', {
      DependsOn: Match.arrayWith([
        Match.stringLikeRegexp('BuilderFunctionRoleDefaultPolicy'),
        Match.stringLikeRegexp('BuilderRunOn'),
        Match.stringLikeRegexp('ProjectRoleDefaultPolicy'),
      ]),
      Properties: { ServiceTimeout: '3600' },
    });
    template.hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: {
        Statement: [
          {
            Action: 'lambda:InvokeFunction',
            Effect: 'Allow',
            Resource: { 'Fn::GetAtt': [Match.stringLikeRegexp('BuilderFunction'), 'Arn'] },
          },
        ],
      },
    });
  });
});

test('an image that is built is handed on by its digest', () => {
  const { image, stack } = build();

  expect(JSON.stringify(stack.resolve(image.image.uri))).toMatch(
    /"@",{"Fn::GetAtt":\["TrainerImage[A-F0-9]+","ImageDigest"\]}/,
  );
});

test('another stack finds the image by repository and tag, and never builds it', () => {
  // GIVEN
  const app = new App();
  const builds = new Stack(app, 'Builds');
  const { imageTag, builder } = new ImageBuild(builds, 'Trainer', {
    directory: folder(),
    repositoryName: 'team/trainer',
  });
  const user = new Stack(app, 'User');

  // WHEN
  new BuiltImage(user, 'Image', {
    builderFunction: builder.builderFunction,
    repository: Repository.fromRepositoryName(user, 'Repository', 'team/trainer'),
    imageTag,
  });

  // THEN
  Template.fromStack(user).hasResourceProperties('Custom::MlopsImage', {
    ImageTag: imageTag,
    ProjectName: Match.absent(),
  });
});

test('cdk-nag finds nothing in it', () => {
  const app = new App();
  const stack = new Stack(app, 'Stack');
  new ImageBuild(stack, 'Trainer', {
    directory: folder(),
    baseRepositories: [Repository.fromRepositoryName(stack, 'Cache', 'python')],
  });
  Validations.of(stack).addPlugins(new AwsSolutionsChecks(stack));

  expect(() => app.synth()).not.toThrow();
});

describe('fails', () => {
  test.each<[string, Partial<ImageBuildProps>, string]>([
    ['without a Dockerfile', { file: 'Gpu' }, "must be a folder with 'Gpu', or name another one in 'file'"],
    [
      'on another platform',
      { platform: Platform.custom('linux/arm') },
      "'platform' is 'linux/arm', must be Platform.LINUX_AMD64 or Platform.LINUX_ARM64",
    ],
    [
      'on a build argument without a name',
      { buildArgs: { 'A;B': '' } },
      "'buildArgs' is 'A;B', must be named by letters",
    ],
    [
      'on a build that CloudFormation would not wait for',
      { timeout: Duration.hours(1) },
      "'timeout' is 1 hour, must be from 5 minutes to 40 minutes",
    ],
    ['on a repository name', { repositoryName: 'Team' }, "'repositoryName' is 'Team', must be 2 to 256 lower-case"],
    ['on one word for the deletion', { deleteData: true }, "'deleteData' is true but 'removalPolicy' is not"],
  ])('%s', (_, props, message) => {
    expect(() => build(props)).toThrow(message);
    expect(() => build(props)).toThrow(/^Stack\/Trainer: /);
  });
});
