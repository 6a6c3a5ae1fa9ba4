import { RemovalPolicy } from 'aws-cdk-lib';
import type { Environment } from './config/environment';

/** Both words on the deletion of data, as every construct that holds data takes them. */
export interface DataRemoval {
  readonly removalPolicy: RemovalPolicy;
  readonly deleteData: boolean;
}

/** What an environment says about the deletion of its data; nothing goes unless its file or its tier says so twice. */
export function dataRemoval({ data }: Environment): DataRemoval {
  return {
    removalPolicy: data.removalPolicy === 'destroy' ? RemovalPolicy.DESTROY : RemovalPolicy.RETAIN,
    deleteData: data.deleteData === true,
  };
}
