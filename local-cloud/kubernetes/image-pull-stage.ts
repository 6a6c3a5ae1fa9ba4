/** An image of this repository can be pulled by nobody. */
export const MISSING_REPOSITORY = 'mlops-missing';

/**
 * A stage for kwok: a pod with an image that cannot be pulled waits for it, as a kubelet tells it. It has a weight, so
 * kwok's own stages, which have none and would make the pod ready, are not taken.
 */
export const IMAGE_PULL_STAGE = `
apiVersion: kwok.x-k8s.io/v1alpha1
kind: Stage
metadata:
  name: image-cannot-be-pulled
spec:
  resourceRef:
    apiGroup: v1
    kind: Pod
  selector:
    matchExpressions:
    - key: '.metadata.deletionTimestamp'
      operator: 'DoesNotExist'
    - key: '.status.phase'
      operator: 'In'
      values: ['Pending']
    - key: '.spec.containers.[] | select(.image | contains("${MISSING_REPOSITORY}/")) | .name'
      operator: 'Exists'
  weight: 1
  next:
    statusTemplate: |
      containerStatuses:
      {{ range .spec.containers }}
      - image: {{ .image | Quote }}
        imageID: ""
        name: {{ .name | Quote }}
        ready: false
        restartCount: 0
        started: false
        state:
          waiting:
            reason: ImagePullBackOff
            message: {{ printf "Back-off pulling image %s" .image | Quote }}
      {{ end }}
      phase: Pending
`;
