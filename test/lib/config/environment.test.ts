import { join, relative } from 'node:path';
import { ConfigError } from '../../../lib/config/config-error';
import { environmentNames, loadEnvironment } from '../../../lib/config/environment';
import { modelSchema } from '../../../lambda/shared/contracts';
import { ENVIRONMENT, MODEL, repository } from './repository';

const ROOT = join(__dirname, '..', '..', '..');

/** Message of the failure to load `dev` with this environment file. */
function failure(environment: string, files: Record<string, string> = {}): string {
  const root = repository({ 'environments/dev.yaml': environment, ...files });
  try {
    loadEnvironment(root, 'dev');
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('loaded without a failure');
}

test('fails where no folder has the environments, with where it looked and what to do', () => {
  const elsewhere = join(ROOT, 'environments');
  const refusal = (root: string) =>
    new ConfigError(
      `'${join(root, 'environments')}' is no folder, must hold the environments' files: run this where 'cdk.json' is, or with '-c root=FOLDER', the folder that 'environments/' is in`,
    );

  expect(() => environmentNames(elsewhere)).toThrow(refusal(elsewhere));
  expect(() => environmentNames(relative(process.cwd(), elsewhere))).toThrow(refusal(elsewhere));
  expect(() => loadEnvironment(elsewhere, 'dev')).toThrow(refusal(elsewhere));
});

test('fails where a file has the name of the folder', () => {
  expect(() => environmentNames(repository({ 'inner/environments': '' }) + '/inner')).toThrow(ConfigError);
});

test('every environment of this repository loads', () => {
  const names = environmentNames(ROOT);

  expect(names).toEqual(['dev', 'local', 'localb', 'localeks', 'prod', 'staging']);
  expect(names.map(name => loadEnvironment(ROOT, name).name)).toEqual(names);
});

test("the models' schemas are what the functions expect", () => {
  for (const { definition } of loadEnvironment(ROOT, 'prod').models) {
    expect(() => modelSchema.parse(definition.schema)).not.toThrow();
  }
});

test('prod cannot lose data by what its file says', () => {
  const { data, terminationProtection } = loadEnvironment(ROOT, 'prod');

  expect({ ...data, terminationProtection }).toMatchObject({ removalPolicy: 'retain', terminationProtection: true });
  expect(data.deleteData).toBe(false);
});

test('what is left out by the tier as well stays out, for the construct to decide', () => {
  const [{ training, monitoring, reaction }] = loadEnvironment(repository(), 'dev').models;

  expect(training).toEqual({ instanceType: 'ml.m5.large', maxRuntimeMinutes: 60 });
  expect({ monitoring, reaction }).toEqual({ monitoring: {}, reaction: {} });
});

describe('sleep', () => {
  const IDLE = "idle:\n  awake: { from: '07:00', to: '20:00', timeZone: Europe/Berlin }\n";
  const load = (text: string) => loadEnvironment(repository({ 'environments/dev.yaml': text }), 'dev').models;

  test('is what no model does by default, in no tier', () => {
    expect(load(ENVIRONMENT).map(({ idle }) => idle)).toEqual([undefined]);
  });

  test('is what every model does but those that never sleep', () => {
    expect(load(`${IDLE}${ENVIRONMENT}`)[0]?.idle).toEqual({
      awake: { from: '07:00', to: '20:00', timeZone: 'Europe/Berlin' },
    });
    expect(load(`${IDLE}${ENVIRONMENT}    neverSleeps: true\n`)[0]?.idle).toBeUndefined();
  });

  test('fails in production, with the reason', () => {
    expect(failure(`${IDLE}${ENVIRONMENT.replace('tier: dev', 'tier: prod')}`)).toMatch(
      /^environments\/dev.yaml:\d: 'idle' .*left out where 'tier' is 'prod', since its callers come at any hour/,
    );
  });

  test('fails with hours that end before they begin', () => {
    expect(failure(`${IDLE.replace("to: '20:00'", "to: '06:00'")}${ENVIRONMENT}`)).toContain(
      "'idle.awake.to' is '06:00', must be later than 'from', on the same day",
    );
  });
});

describe('fails', () => {
  test('on an environment that has no file, and names those that have', () => {
    expect(() => loadEnvironment(repository(), 'prd')).toThrow(
      "environment 'prd' has no file in 'environments/', must be one of 'dev', 'prod', did you mean 'prod'?",
    );
  });

  test('on charges that no dashboard could show', () => {
    expect(failure(`dashboards: false\naccountCharges: true\n${ENVIRONMENT}`)).toMatch(
      /^environments\/dev.yaml:2: 'accountCharges' .*left out where 'dashboards' is false/,
    );
  });

  test('on a root that is a file', () => {
    const file = join(repository({}), 'environments', 'dev.yaml');

    expect(() => environmentNames(file)).toThrow(/is no folder, must hold the environments' files/);
  });

  test('on an unknown key, with line, known keys and the nearest', () => {
    expect(failure(ENVIRONMENT.replace('serving:\n      instanceType', 'serving:\n      instanceTyp'))).toBe(
      "environments/dev.yaml:12: 'models.rain.serving.instanceTyp' is not known, must be one of 'target', 'instanceType', 'instanceCount', 'shift', 'autoScaling', 'warmStandbyHours', 'shadow', 'guardrail', did you mean 'instanceType'?",
    );
  });

  test('on a value that is not allowed, with those that are and the nearest', () => {
    expect(failure(`${ENVIRONMENT}data:\n  removalPolicy: destory\n`)).toBe(
      "environments/dev.yaml:14: 'data.removalPolicy' is 'destory', must be one of 'retain', 'destroy', did you mean 'destroy'?",
    );
  });

  test('on a pattern, with what is allowed in words', () => {
    expect(failure(ENVIRONMENT.replace('eu-west-1', 'Ireland'))).toBe(
      "environments/dev.yaml:2: 'region' is 'Ireland', must be an AWS region such as 'eu-west-1'",
    );
  });

  test('on an account that YAML takes for a number', () => {
    expect(failure(`account: 123456789012\n${ENVIRONMENT}`)).toBe(
      "environments/dev.yaml:1: 'account' is 123456789012, must be text of 12 digits in quotes, such as '123456789012'",
    );
  });

  test('on a tag that AWS would refuse on every resource', () => {
    expect(failure(`${ENVIRONMENT}tags:\n  aws:team: ml\n`)).toBe(
      "environments/dev.yaml:14: 'tags.aws:team' is no valid name, must be 1 to 128 letters, digits, spaces and _ . : / = + - @ that do not begin with 'aws:', which is AWS's own, or 'mlops:', which is the platform's",
    );
    expect(failure(`${ENVIRONMENT}tags:\n  team: ml;ops\n`)).toBe(
      "environments/dev.yaml:14: 'tags.team' is 'ml;ops', must be at most 256 letters, digits, spaces and _ . : / = + - @",
    );
  });

  test('on more tags than a resource takes with those of the platform', () => {
    const tags = (count: number) => Array.from({ length: count }, (_, index) => `  t${index}: x\n`).join('');
    expect(failure(`${ENVIRONMENT}tags:\n${tags(48)}`)).toMatch(
      /^environments\/dev\.yaml:14: 'tags' is \{.*\}, must be at most 47 tags: a resource takes 50, of which 3 are the platform's$/,
    );
    expect(() =>
      loadEnvironment(repository({ 'environments/dev.yaml': `${ENVIRONMENT}tags:\n${tags(47)}` }), 'dev'),
    ).not.toThrow();
  });

  test('on a number out of its range', () => {
    expect(failure(`${ENVIRONMENT}data:\n  bufferingSeconds: 5\n`)).toBe(
      "environments/dev.yaml:14: 'data.bufferingSeconds' is 5, must be at least 60",
    );
  });

  test('on the second word without the first', () => {
    expect(failure(`${ENVIRONMENT.replace('tier: dev', 'tier: prod')}data:\n  deleteData: true\n`)).toBe(
      "environments/dev.yaml:14: 'data.deleteData' is true, must be used with 'removalPolicy: destroy' or left out",
    );
  });

  test('on a model name that no endpoint could have', () => {
    expect(failure(ENVIRONMENT.replace('  rain:', '  Rain_1:'))).toMatch(
      /'models.Rain_1' is no valid name, must be at most 27 lower-case letters/,
    );
  });

  test('on a section that is missing, at the file', () => {
    expect(failure(ENVIRONMENT.replace(/images:\n.*\n.*\n/, ''))).toBe(
      "environments/dev.yaml:1: 'images' is missing, must be a value of type 'object'",
    );
  });

  test('on YAML that is none, with its line', () => {
    expect(failure(`${ENVIRONMENT}data: [\n`)).toMatch(/^environments\/dev.yaml:\d+: is no YAML, /);
  });

  test('on a model file that is not there', () => {
    expect(failure(ENVIRONMENT.replace('models/rain/model.yaml', 'models/rian/model.yaml'))).toBe(
      'models/rian/model.yaml: cannot be read, must be a YAML file',
    );
  });

  test('on a model file of another model', () => {
    expect(failure(ENVIRONMENT, { 'models/rain/model.yaml': MODEL.replace('name: rain', 'name: snow') })).toBe(
      "models/rain/model.yaml:2: 'name' is 'snow', must be 'rain' as in 'models' of environments/dev.yaml",
    );
  });

  test('on a typo in a model file, with the nearest', () => {
    expect(failure(ENVIRONMENT, { 'models/rain/model.yaml': MODEL.replace('type: double', 'type: duoble') })).toBe(
      "models/rain/model.yaml:5: 'schema.features[0].type' is 'duoble', must be one of 'double', 'bigint', 'string', did you mean 'double'?",
    );
  });

  test('on a folder without training code', () => {
    expect(failure(ENVIRONMENT, { 'models/rain/model.yaml': MODEL.replace('code: .', 'code: src') })).toBe(
      "models/rain/model.yaml:8: 'training.code' is 'src', must be a folder with 'train.py'",
    );
  });

  describe('on personal data', () => {
    const saying = (lines: string) =>
      failure(ENVIRONMENT, { 'models/rain/model.yaml': `${MODEL.trimEnd()}\n${lines}` });

    test.each(['temperature', 'rain'])("whose key '%s' would get into locked snapshots", subject => {
      expect(saying(`subject: ${subject}\n`)).toBe(
        `models/rain/model.yaml:10: 'subject' is '${subject}', must be a column that is neither a feature nor the label: these go into locked snapshots, from which nothing is erased`,
      );
    });

    test('in a field that is no feature', () => {
      expect(saying('subject: keeper\npersonal: [temperature, age]\npersonalInSnapshots: [temperature]\n')).toBe(
        "models/rain/model.yaml:11: 'personal[1]' is 'age', must be one of the features 'temperature'",
      );
    });

    test('in features that would stay in locked snapshots, unless each is accepted by name', () => {
      const more = MODEL.replace(
        '  label:',
        ['age', 'height'].map(of => `    - { name: ${of}, type: double }\n`).join('') + '  label:',
      );
      const says = (lines: string) =>
        failure(ENVIRONMENT, { 'models/rain/model.yaml': `${more.trimEnd()}\nsubject: keeper\n${lines}` });
      const refusal = (given: string, line: number, locked: string, all: string) =>
        `models/rain/model.yaml:${line}: 'personal' is ${given}, must be without ${locked}: features go into locked snapshots, from which no erasure takes them; ` +
        `leave ${locked} out of 'schema.features' and land a feature made of it that tells of no person, such as a band of ages ` +
        `(a hash still tells of one, even with a secret salt), or accept it with 'personalInSnapshots: ${all}'`;

      expect(says('personal: [temperature]\n')).toBe(refusal('["temperature"]', 13, "'temperature'", '[temperature]'));
      expect(says('personal: [temperature, age, height]\npersonalInSnapshots: [age]\n')).toBe(
        refusal('["temperature","age","height"]', 13, "'temperature', 'height'", '[temperature, age, height]'),
      );
    });

    test.each(['true', 'accepted'])('that is accepted without its name: %s', word => {
      expect(saying(`subject: keeper\npersonal: [temperature]\npersonalInSnapshots: ${word}\n`)).toMatch(
        /^models\/rain\/model.yaml:12: 'personalInSnapshots' is .*, must be a value of type 'array'$/,
      );
    });

    test.each([
      ['', 11],
      ['personal: []\n', 12],
    ])('that is accepted and not there: %j', (personal, line) => {
      expect(saying(`subject: keeper\n${personal}personalInSnapshots: [temperature]\n`)).toBe(
        `models/rain/model.yaml:${line}: 'personalInSnapshots[0]' is 'temperature', must be left out, or be in 'personal': there is nothing to accept`,
      );
    });

    test.each([
      ['', 11],
      ['personal: []\n', 12],
    ])('that is accepted by no name: %j', (personal, line) => {
      expect(saying(`subject: keeper\n${personal}personalInSnapshots: []\n`)).toBe(
        `models/rain/model.yaml:${line}: 'personalInSnapshots' is [], must be names of 'personal', or left out: there is nothing to accept`,
      );
    });

    test('of nobody who could be found', () => {
      expect(saying('personal: [temperature]\npersonalInSnapshots: [temperature]\n')).toMatch(
        /^models\/rain\/model.yaml:10: 'personal' is .*, must be left out, or there must be a 'subject'/,
      );
    });
  });

  describe('on a model on EKS', () => {
    const onEks = (serving: string, cluster?: string) =>
      failure(
        ENVIRONMENT.replace('serving:\n      instanceType: ml.m5.large', `serving:\n      target: eks\n${serving}`) +
          (cluster === undefined ? '' : `network: { source: create }\ncluster:\n${cluster}`),
      );
    const BARE = '  source: create\n  keda: false\n  metricsServer: false\n';

    test('without a cluster', () => {
      expect(onEks('')).toBe(
        "environments/dev.yaml:12: 'models.rain.serving.target' is 'eks', must be 'sagemaker' in an environment without a 'cluster', or give it one",
      );
    });

    test.each([
      [
        '      shift: { type: CANARY, stepPercent: 10 }\n',
        "'models.rain.serving.shift.type' is 'CANARY', must be 'ALL_AT_ONCE' on a cluster without a gateway, by which alone traffic moves in parts; or give 'cluster.gateway'",
      ],
      [
        '      gpus: 1\n',
        "'models.rain.serving.gpus' is 1, must be 0 on a cluster without GPUs; or give 'cluster.capacity' some",
      ],
      [
        '      spot: true\n',
        "'models.rain.serving.spot' is true, must be false on a cluster without spot capacity; or give 'cluster.capacity' some",
      ],
      [
        '      autoScaling: { maxReplicas: 4, targetRequestsInFlight: 8 }\n',
        "'models.rain.serving.autoScaling.targetRequestsInFlight' is 8, must be left out on a cluster without KEDA, which reads it; or give 'cluster.keda', or use 'targetCpuPercent'",
      ],
      [
        '      autoScaling: { maxReplicas: 4, targetCpuPercent: 60 }\n',
        "'models.rain.serving.autoScaling.targetCpuPercent' is 60, must be left out on a cluster without the metrics server; or give 'cluster.metricsServer'",
      ],
    ])('that asks for what its cluster has not: %s', (serving, message) => {
      expect(onEks(serving, BARE)).toBe(`environments/dev.yaml:13: ${message}`);
    });

    test('with a setting of SageMaker, and names those of EKS', () => {
      expect(onEks('      instanceType: ml.m5.large\n', BARE)).toMatch(
        /'models.rain.serving.instanceType' is known with 'target: sagemaker' alone, must be one of 'target', 'replicas', 'autoScaling', 'cpu',/,
      );
    });

    test('with batches of a model on SageMaker, and says where they are', () => {
      const batch = 'batch: { bucket: files, inputPrefix: in/, outputPrefix: out/ }';
      expect(failure(ENVIRONMENT.replace('serving:\n      instanceType: ml.m5.large', `$&\n      ${batch}`))).toMatch(
        /'models.rain.serving.batch' is known with 'target: eks' alone, must be one of 'target', 'instanceType',/,
      );
    });

    test.each([
      ['inputPrefix: in, outputPrefix: out/', "'models.rain.serving.batch.inputPrefix' is 'in', must be a prefix that"],
      [
        'inputPrefix: in/, outputPrefix: in/out/',
        "'models.rain.serving.batch.outputPrefix' is 'in/out/', must be another",
      ],
    ])('with batches from or to where they cannot be: %s', (places, message) => {
      expect(onEks(`      batch: { bucket: files, ${places} }\n`, BARE)).toContain(message);
    });

    test('on a target that there is not', () => {
      expect(failure(ENVIRONMENT.replace('serving:\n', 'serving:\n      target: ecs\n'))).toBe(
        "environments/dev.yaml:12: 'models.rain.serving.target' is 'ecs', must be one of 'sagemaker', 'eks', did you mean 'eks'?",
      );
    });
  });

  describe('on a network', () => {
    const IMPORT =
      'network: { source: import, vpcId: vpc-1, vpcCidr: 10.0.0.0/16, availabilityZones: [a, b, c], privateSubnetIds: [subnet-1, subnet-2] }';
    const CLUSTER = 'cluster: { source: create }';

    test.each([
      [
        'that a cluster lacks',
        `${CLUSTER}\n`,
        "environments/dev.yaml:1: 'network' is missing, must be given with a 'cluster', which is in it: 'source: create' or 'source: import'",
      ],
      [
        'that a cluster cannot be in',
        `network: { source: none }\n${CLUSTER}\n`,
        "environments/dev.yaml:13: 'network.source' is 'none', must be given with a 'cluster', which is in it: 'source: create' or 'source: import'",
      ],
      [
        'from which a cluster could not pull what is installed in it',
        `network: { source: create, natGateways: 0 }\n${CLUSTER}\n`,
        "environments/dev.yaml:13: 'network.natGateways' is 0, must be at least 1 with a 'cluster' that is made, since images of what is installed in it come from the internet",
      ],
      [
        'whose zones are said twice',
        'network: { source: create, maxAzs: 2, availabilityZones: [a, b] }\n',
        "environments/dev.yaml:13: 'network.maxAzs' is 2, must be left out beside 'availabilityZones', which say how many there are",
      ],
      [
        'of a service that has no part in it',
        'network: { source: create, interfaceEndpoints: [smm] }\n',
        "environments/dev.yaml:13: 'network.interfaceEndpoints[0]' is 'smm', must be one of 'ec2', 'ecr.api', 'ecr.dkr', 'eks', 'eks-auth', 'kinesis-firehose', 'monitoring', 'sagemaker.api', 'sns', 'ssm', 'sts', did you mean 'ssm'?",
      ],
      [
        'with more zones than subnets',
        `${IMPORT}\n`,
        'environments/dev.yaml:13: \'network.privateSubnetIds\' is ["subnet-1","subnet-2"], must be one subnet for each of \'availabilityZones\', in their order',
      ],
    ])('%s', (_, text, message) => {
      expect(failure(`${ENVIRONMENT}${text}`)).toBe(message);
    });
  });

  test('on days for which CloudWatch keeps no log', () => {
    expect(failure(`${ENVIRONMENT}logRetentionDays: 31\n`)).toMatch(
      /'logRetentionDays' is 31, must be one of '1', '3',/,
    );
  });

  test.each([
    ['that YAML takes for a number', '1.36', '1.36'],
    ["that is older than the platform's kubectl reaches", "'1.34'", "'1.34'"],
  ])('on a version of Kubernetes %s', (_, written, got) => {
    expect(
      failure(
        `${ENVIRONMENT}network: { source: create }\ncluster:\n  source: create\n  kubernetesVersion: ${written}\n`,
      ),
    ).toBe(
      `environments/dev.yaml:16: 'cluster.kubernetesVersion' is ${got}, must be text in quotes, '1.35', '1.36' or '1.37', to which the platform's kubectl 1.36 speaks`,
    );
  });
});
