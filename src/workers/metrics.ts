// What the workers of this process say of themselves to a Prometheus, where an operator wants it.
import type { RuntimeOptions } from '@temporalio/worker';

export function metricsAt(bindAddress: string | undefined): Pick<RuntimeOptions, 'telemetryOptions'> {
  return bindAddress === undefined ? {} : { telemetryOptions: { metrics: { prometheus: { bindAddress } } } };
}
