import { kubernetesVersion } from '../../../local-cloud/kubernetes/kubernetes-version';

test('the default is a release of the newest minor', () => {
  // THEN
  expect(kubernetesVersion()).toMatchObject({
    minor: '1.37',
    release: expect.stringMatching(/^v1\.37\.\d+$/) as string,
  });
});

test('fails for a minor that nobody has pinned, with those that are', () => {
  // THEN
  expect(() => kubernetesVersion('1.12')).toThrow(
    /^'MLOPS_KUBERNETES_VERSION' must be one of .*1\.37, got '1\.12'; another needs a 'go-1\.12\.mod' in /,
  );
});
