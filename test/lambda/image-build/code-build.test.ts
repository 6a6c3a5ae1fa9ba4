import { CodeBuildClient } from '@aws-sdk/client-codebuild';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CodeBuilds } from '../../../lambda/image-build/code-build';

/** What CodeBuild answers to one operation, in its protocol, AWS JSON 1.1. */
interface Answer {
  readonly status?: number;
  readonly body: unknown;
}

const asked: { target?: string; body: unknown }[] = [];
let answer: Answer;
let server: Server;
let builds: CodeBuilds;

beforeAll(async () => {
  server = createServer((request, response) => {
    let text = '';
    request.on('data', chunk => (text += String(chunk)));
    request.on('end', () => {
      asked.push({ target: request.headers['x-amz-target'] as string, body: JSON.parse(text) });
      response.writeHead(answer.status ?? 200, { 'content-type': 'application/x-amz-json-1.1' });
      response.end(JSON.stringify(answer.body));
    });
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  builds = new CodeBuilds(
    new CodeBuildClient({
      endpoint: `http://127.0.0.1:${port}`,
      region: 'eu-west-1',
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
      maxAttempts: 1,
    }),
  );
});

afterAll(() => new Promise(resolve => server.close(resolve)));
beforeEach(() => {
  asked.length = 0;
});

describe('CodeBuilds', () => {
  test('starts one build for a request, however often it asks', async () => {
    answer = { body: { build: { id: 'trainer:1', buildStatus: 'IN_PROGRESS' } } };

    expect(await builds.start('trainer', 'r'.repeat(100))).toEqual({ buildId: 'trainer:1' });
    expect(asked).toEqual([
      {
        target: 'CodeBuild_20161006.StartBuild',
        body: { projectName: 'trainer', idempotencyToken: 'r'.repeat(64) },
      },
    ]);
  });

  test.each(['AccountLimitExceededException', 'AccessDeniedException', 'ThrottlingException'])(
    'takes %s for something that passes',
    async name => {
      answer = { status: 400, body: { __type: name, message: 'not now' } };

      expect(await builds.start('trainer', 'r')).toEqual({ refused: `${name}: not now` });
    },
  );

  test('fails on a project that is not there', async () => {
    answer = { status: 400, body: { __type: 'ResourceNotFoundException', message: 'no project' } };

    await expect(builds.start('trainer', 'r')).rejects.toThrow('no project');
  });

  test('tells the phase that failed first, with what CodeBuild says of it and where its log is', async () => {
    // GIVEN
    answer = {
      body: {
        builds: [
          {
            id: 'trainer:1',
            buildStatus: 'FAILED',
            phases: [
              { phaseType: 'SUBMITTED', phaseStatus: 'SUCCEEDED' },
              {
                phaseType: 'BUILD',
                phaseStatus: 'FAILED',
                contexts: [{ statusCode: 'COMMAND_EXECUTION_ERROR', message: 'docker build: exit status 1' }],
              },
              { phaseType: 'POST_BUILD', phaseStatus: 'SUCCEEDED', contexts: [{ statusCode: '', message: '' }] },
              { phaseType: 'COMPLETED' },
            ],
            logs: { deepLink: 'https://console.example/log' },
          },
        ],
      },
    };

    // WHEN
    const build = await builds.build('trainer:1');

    // THEN
    expect(asked).toEqual([{ target: 'CodeBuild_20161006.BatchGetBuilds', body: { ids: ['trainer:1'] } }]);
    expect(build).toEqual({
      status: 'FAILED',
      phase: 'BUILD',
      reason: 'COMMAND_EXECUTION_ERROR: docker build: exit status 1',
      logUrl: 'https://console.example/log',
    });
  });

  test('says nothing of phases while the build goes on', async () => {
    answer = {
      body: {
        builds: [
          {
            id: 'trainer:1',
            buildStatus: 'IN_PROGRESS',
            phases: [{ phaseType: 'SUBMITTED', phaseStatus: 'SUCCEEDED' }, { phaseType: 'QUEUED' }],
          },
        ],
      },
    };

    expect(await builds.build('trainer:1')).toEqual({ status: 'IN_PROGRESS' });
  });

  test('fails on a build that is gone', async () => {
    answer = { body: { builds: [], buildsNotFound: ['trainer:1'] } };

    await expect(builds.build('trainer:1')).rejects.toThrow("build 'trainer:1' is gone");
  });
});
