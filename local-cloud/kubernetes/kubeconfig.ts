/** A kubeconfig as JSON, which every reader of YAML takes. */
export function kubeconfig(cluster: {
  readonly server: string;
  /**
   * PEM of who signed the server's certificate.
   *
   * @default - none is needed
   */
  readonly certificateAuthority?: string;
  /**
   * Bearer token of the user.
   *
   * @default - the user is not named
   */
  readonly token?: string;
}): string {
  const name = 'local';
  const authority = cluster.certificateAuthority;
  return JSON.stringify(
    {
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [
        {
          name,
          cluster: {
            server: cluster.server,
            'certificate-authority-data': authority === undefined ? undefined : base64(authority),
          },
        },
      ],
      users: [{ name, user: { token: cluster.token } }],
      contexts: [{ name, context: { cluster: name, user: name } }],
      'current-context': name,
    },
    undefined,
    2,
  );
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}
