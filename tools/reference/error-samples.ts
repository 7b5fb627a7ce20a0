// One sample of every refusal. The type makes the compiler ask for each that is added.
import type { ApiError } from '../../src/protocol/api-error.ts';
import * as refusals from '../../src/protocol/refusals.ts';

export const ERROR_SAMPLES: { readonly [Name in keyof typeof refusals]: ApiError } = {
  badRequest: refusals.badRequest('(what is wrong with the request)'),
  notFound: refusals.notFound(),
  conflict: refusals.conflict('(what exists already)'),
  forbidden: refusals.forbidden('(why it is not allowed)'),
  flowIdMissing: refusals.flowIdMissing(),
  flowNotFound: refusals.flowNotFound(),
  methodDisabled: refusals.methodDisabled(),
  noSession: refusals.noSession(),
  noSessionCredentials: refusals.noSessionCredentials(),
  firstFactorRequired: refusals.firstFactorRequired(),
  secondFactorRequired: refusals.secondFactorRequired('(address)'),
  sessionAlreadyAvailable: refusals.sessionAlreadyAvailable('(what cannot be done while signed in)'),
  refreshRequired: refusals.refreshRequired('(address)'),
  identityMismatch: refusals.identityMismatch(),
  csrfViolation: refusals.csrfViolation({ hint: '(what to check)', rejectReason: '(what did not fit)' }),
  returnToForbidden: refusals.returnToForbidden('(address)'),
  registrationDisabled: refusals.registrationDisabled(),
  flowGone: refusals.flowGone({
    id: 'self_service_flow_expired',
    details: { redirect_to: '(address)', return_to: '(address)' },
    useFlowId: '(id)',
  }),
  flowExpired: refusals.flowExpired({ expiredAt: '(time)', sinceMs: 0, useFlowId: '(id)' }),
  flowReplaced: refusals.flowReplaced('(id)'),
  identityDisabled: refusals.identityDisabled('(id)'),
  recoveryDisabled: refusals.recoveryDisabled(),
  verificationDisabled: refusals.verificationDisabled(),
  verifiedAddressRequired: refusals.verifiedAddressRequired([]),
  locationChangeRequired: refusals.locationChangeRequired('(address)'),
  concurrentUpdate: refusals.concurrentUpdate(),
  misconfigured: refusals.misconfigured('(what is missing)'),
  oauth2ProviderFailed: refusals.oauth2ProviderFailed({ status_code: 503 }),
  upstreamFailed: refusals.upstreamFailed('(which service failed)'),
};
