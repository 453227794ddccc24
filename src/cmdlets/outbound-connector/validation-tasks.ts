// The tasks of a validation as objects: one for each step at each host, one for each test mail. Words only.
import { describeSmtpReply } from '#mail/smtp-reply.ts';
import { printAddress, type Address } from '#mail/address.ts';
import type { DeliveryStatus } from '#mail/delivery-status.ts';
import type { HostInspection, InspectionStep } from '#delivery/host-inspection.ts';
import type { TlsSummary } from '#delivery/tls-summary.ts';
import { DateTime } from '#parameters/date-time.ts';
import { TimeSpan } from '#parameters/time-span.ts';
import { PsObject } from '#parameters/value.ts';

interface Task {
  readonly name: string;
  readonly successful: boolean;
  readonly target: string;
  readonly detail: string;
  readonly startTime: number;
  readonly duration: number;
}

function taskObject({ name, successful, target, detail, startTime, duration }: Task): PsObject {
  return new PsObject('OutboundConnectorValidationTask', [
    ['TaskName', name],
    ['IsTaskSuccessful', successful],
    ['Target', target],
    ['Detail', detail],
    ['StartTime', DateTime.fromUtcMilliseconds(startTime)],
    ['Duration', TimeSpan.from('milliseconds', duration)],
  ]);
}

/** In the order of the steps; the last one is the one that failed, if any did. */
export function hostTasks(inspection: HostInspection, domain: string | null): readonly PsObject[] {
  const { passed, failure, tls, requirement, startTime, duration, clearTextBecause } = inspection;
  const target = targetOf(inspection, domain);
  const tasks = passed
    .filter(({ step }) => step !== failure?.step)
    .map((one) => ({
      ...one,
      name: one.step,
      successful: true,
      target,
      detail: detailOf(one.step, inspection),
    }));
  if (failure !== null) {
    const spent = passed
      .filter(({ step }) => step !== failure.step)
      .reduce((sum, one) => sum + one.duration, 0);
    const { trouble, verdict, step } = failure;
    const words = trouble.kind === 'reply' ? describeSmtpReply(trouble.reply) : verdict.diagnostic;
    tasks.push({
      step,
      name: step,
      successful: false,
      target,
      detail: `${verdict.status} ${words}`,
      startTime: startTime + spent,
      duration: Math.max(0, duration - spent),
    });
  } else if (tls === null) {
    const why = clearTextBecause ?? 'The host does not offer STARTTLS';
    tasks.push({
      step: 'STARTTLS',
      name: 'STARTTLS',
      successful: true,
      target,
      detail: `${why}; mail goes in clear text, as the connector asks for no TLS (${requirement?.level ?? 'Opportunistic'}).`,
      startTime: startTime + duration,
      duration: 0,
    });
  }
  return tasks.map(taskObject);
}

function targetOf({ host, address }: HostInspection, domain: string | null): string {
  if (host === null) return domain ?? '';
  const place = address?.includes(':') === true ? `[${address}]` : address;
  if (address === null) return `${host.name}:${host.port}`;
  return host.name === address ? `${place}:${host.port}` : `${host.name} (${place}:${host.port})`;
}

function detailOf(step: InspectionStep, inspection: HostInspection): string {
  const { host, address, tls, requirement, capabilities } = inspection;
  switch (step) {
    case 'Resolve':
      return host?.address === null
        ? `${host.name} has the address ${address ?? ''}.`
        : 'The address is given.';
    case 'Connect':
      return 'The host answers and greets.';
    case 'EHLO':
      return capabilities === null
        ? 'The host says who it is.'
        : 'The host says who it is, and what it offers.';
    case 'STARTTLS':
      return tls === null ? 'TLS was negotiated.' : `${tls.protocol}, ${tls.cipher}.`;
    case 'Certificate':
      return tls === null ? '' : certificateDetail(tls, requirement?.level ?? 'Opportunistic');
    case 'AUTH':
      return "The host accepts the connector's credential.";
    default:
      return '';
  }
}

function certificateDetail(tls: TlsSummary, level: TlsSummary['level']): string {
  const [leaf] = tls.chain;
  const checked = tls.level === 'CertificateValidation' || tls.level === 'DomainValidation';
  const who =
    leaf === undefined
      ? 'The certificate is not looked at'
      : `${leaf.subject}, issued by ${leaf.issuer}, for ${leaf.names.join(', ')}, good until ${new Date(leaf.notAfter).toISOString().slice(0, 10)}`;
  const how = checked
    ? `it satisfies ${level}, revocation: ${tls.revocation}`
    : `${level} does not ask for a valid one`;
  return `${who}; ${how}${tls.remark === null ? '' : `; ${tls.remark}`}.`;
}

export function mailTask(
  recipient: Address,
  status: DeliveryStatus,
  traceId: string,
  startTime: number,
  duration: number,
): PsObject {
  const { remoteMta, remoteAddress } = status;
  const host = remoteMta === null ? remoteAddress : `${remoteMta} (${remoteAddress})`;
  const who = host === null ? '' : `${host}: `;
  const code = status.diagnostic.includes(status.status) ? '' : `${status.status} `;
  return taskObject({
    // Exchange's name for it.
    name: 'Send test email',
    successful: status.action === 'delivered' || status.action === 'relayed',
    target: printAddress(recipient),
    detail: `${who}${code}${status.diagnostic} (MessageTraceId ${traceId})`,
    startTime,
    duration,
  });
}
