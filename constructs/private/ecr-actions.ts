/** IAM's actions on container images in ECR, by what is done with them. */

/** Logs in; a login belongs to a registry, which has no ARN. */
export const LOGIN_ACTION = 'ecr:GetAuthorizationToken';

/** Reads an image: its manifest and its layers. */
export const READ_ACTIONS = ['ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'];

const LAYER_CHECK = 'ecr:BatchCheckLayerAvailability';

/** Pulls an image as Docker does, which asks first what is there. */
export const PULL_ACTIONS = [LAYER_CHECK, ...READ_ACTIONS];

/** Pushes an image, and no layer that is there already. */
export const PUSH_ACTIONS = [
  LAYER_CHECK,
  'ecr:InitiateLayerUpload',
  'ecr:UploadLayerPart',
  'ecr:CompleteLayerUpload',
  'ecr:PutImage',
];

/** Sees which image a tag means. */
export const LOOKUP_ACTIONS = ['ecr:DescribeImages'];
