import { findGo } from '../../../local-cloud/kubernetes/find-go';

const install = (): Promise<string> => Promise.resolve('/installed/go/bin/go');
const printing = (version: string | undefined) => (): Promise<string | undefined> => Promise.resolve(version);

test.each(['go version go1.21.0 linux/amd64\n', 'go version go1.26.8 linux/arm64\n', 'go version go2.0 linux/amd64\n'])(
  "takes the machine's own Go: %s",
  async version => {
    // WHEN
    const program = await findGo({ version: printing(version), install });

    // THEN
    expect(program).toBe('go');
  },
);

test.each([undefined, 'go version go1.19.8 linux/amd64\n', 'go version devel +abc\n', ''])(
  'installs one where there is none that could get itself the version which Kubernetes asks for: %s',
  async version => {
    // WHEN
    const program = await findGo({ version: printing(version), install });

    // THEN
    expect(program).toBe('/installed/go/bin/go');
  },
);
