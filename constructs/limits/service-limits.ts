import { readFileSync } from 'node:fs';
import type { IPolicyValidationContext, IPolicyValidationPlugin, PolicyValidationPluginReport } from 'aws-cdk-lib';
import { alarmLimits } from './alarm-limits';
import { endpointLimits } from './endpoint-limits';
import { policyLimits } from './policy-limits';
import { scheduleLimits } from './schedule-limits';
import { tagLimits } from './tag-limits';
import type { Limit, Template } from './template';
import { valueLimits } from './value-limits';

const LIMITS: readonly Limit[] = [
  ...endpointLimits,
  ...valueLimits,
  ...policyLimits,
  ...alarmLimits,
  ...scheduleLimits,
  ...tagLimits,
];

/**
 * Refuses at synth what AWS would refuse half-way through a deployment: policies, parameters, functions' environments and
 * templates that are too large, and values that a service does not take and CloudFormation's own validation lets pass.
 * Sizes count what is known at synth, so that nothing is refused that would fit.
 *
 * A quota that AWS raised for an account is acknowledged where it matters, by `ServiceLimits::` and the rule's name.
 *
 * @example
 * import { App, Validations } from 'aws-cdk-lib';
 * import { ServiceLimits } from 'mlops-blueprint';
 *
 * const app = new App();
 * Validations.of(app).addPlugins(new ServiceLimits());
 */
export class ServiceLimits implements IPolicyValidationPlugin {
  public readonly name = 'ServiceLimits';

  public readonly ruleIds?: string[] = LIMITS.map(({ name }) => name);

  public validate(context: IPolicyValidationContext): PolicyValidationPluginReport {
    const violations = context.stackTemplates.flatMap(({ templatePath, stackConstructPath, accountId }) => {
      const text = readFileSync(templatePath, 'utf8');
      const template = JSON.parse(text) as Template;
      return LIMITS.flatMap(({ name, findings }) =>
        findings(template, text, accountId).map(({ logicalId, location, message }) => ({
          ruleName: name,
          description: message,
          severity: 'error',
          violatingResources: [
            {
              templatePath,
              locations: [location],
              ...(logicalId === undefined ? { constructPath: stackConstructPath } : { resourceLogicalId: logicalId }),
            },
          ],
        })),
      );
    });
    return { success: violations.length === 0, violations };
  }
}
