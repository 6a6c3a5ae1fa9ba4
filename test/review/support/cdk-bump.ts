import type { EditableTemplate } from './platform-change';

const OTHER_HASH = 'f'.repeat(64);

/** A template whose code has other hashes. */
export function withHashes(template: EditableTemplate): EditableTemplate {
  return JSON.parse(JSON.stringify(template).replaceAll(/\b[0-9a-f]{64}\b/g, OTHER_HASH)) as EditableTemplate;
}

/** A template with what another version of the CDK adds to it for itself. */
export function withOtherCdk(template: EditableTemplate): EditableTemplate {
  return {
    ...withHashes(template),
    Resources: {
      ...withHashes(template).Resources,
      CDKMetadata: { Type: 'AWS::CDK::Metadata', Properties: { Analytics: 'v2:deflate64:abc' } },
    },
    Conditions: { ...(template.Conditions as object), CDKMetadataAvailable: { 'Fn::Equals': ['a', 'a'] } },
    Parameters: {
      BootstrapVersion: { Type: 'AWS::SSM::Parameter::Value<String>', Default: '/cdk-bootstrap/other/version' },
    },
    Rules: { CheckBootstrapVersion: { Assertions: [] } },
    Mappings: { awscdkawskinesisfirehoseCidrBlocks: { 'eu-west-1': { FirehoseCidrBlock: '10.0.0.0/27' } } },
  };
}
