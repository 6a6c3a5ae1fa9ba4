/**
 * Kubernetes' own types. The only file that knows which version of cdk8s-plus they come from; fields that came to
 * Kubernetes later are patched in where they are used.
 */
export { k8s } from 'cdk8s-plus-28';
