import { createRequire } from 'node:module';
import { type App, Validations } from 'aws-cdk-lib';
import type * as Nag from 'cdk-nag';
import { ServiceLimits } from '../constructs';
import { environmentNames, loadEnvironment } from './config/environment';
import { placeRefusal } from './config/place-refusal';
import { PlatformStage } from './platform-stage';

/** What the platform is made from. */
export interface PlatformProps {
  /** Folder of the repository, in which the environments' files are found. */
  readonly root: string;

  /**
   * Environments to make a stage of.
   *
   * @default - all that have a file
   */
  readonly environmentNames?: string[];

  /**
   * Account of the environments that name none.
   *
   * @default - the template fits any account
   */
  readonly defaultAccount?: string;

  /**
   * Whether cdk-nag and the limits of the services are asked, which takes a third of a synth. Off for those who only look at
   * templates: what they would refuse is then not refused.
   *
   * @default true
   */
  readonly validate?: boolean;
}

/** Adds one stage for each environment to the app; whatever cdk-nag finds in one, or no service would take, fails its synth. */
export function createPlatform(app: App, props: PlatformProps): PlatformStage[] {
  return (props.environmentNames ?? environmentNames(props.root)).map(name => {
    const environment = loadEnvironment(props.root, name);
    const { region, account = props.defaultAccount } = environment;
    const stage = placeRefusal(
      props.root,
      name,
      () => new PlatformStage(app, name, { environment, env: { account, region } }),
    );
    if (props.validate ?? true) {
      // loaded by who asks it only: that takes as long as the resources of ten models
      const { AwsSolutionsChecks } = createRequire(__filename)('cdk-nag') as typeof Nag;
      Validations.of(stage).addPlugins(new AwsSolutionsChecks(stage), new ServiceLimits());
    }
    return stage;
  });
}
