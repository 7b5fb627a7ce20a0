// Where a person is signed in, as a list of devices, each with its one action.
import type { FlowDeps } from '../../flow/deps.ts';
import type { Locale } from '../../locale/locale.ts';
import type { ActiveSession } from '../../session/authenticate.ts';
import type { Session } from '../../session/session.ts';
import { type Markup, markup } from '../frame/markup.ts';
import { type DeviceName, deviceName } from './device-name.ts';
import { timeAgo } from './time-words.ts';

/** More would make the page heavy; "everywhere else" ends those that are not shown too. */
const MOST_SHOWN = 20;

export interface Devices {
  readonly current: Session;
  readonly others: readonly Session[];
  readonly otherCount: number;
}

export async function loadDevices(deps: FlowDeps, active: ActiveSession): Promise<Devices> {
  const of = { identityId: active.identity.id, exceptId: active.session.id, active: true } as const;
  const nowMs = deps.clock.nowMs();
  const { sessions } = deps.database.stores;
  const others = (await sessions.list({ ...of, limit: MOST_SHOWN }, nowMs)).map((found) => found.session);
  const otherCount = others.length < MOST_SHOWN ? others.length : await sessions.count(of, nowMs);
  return { current: active.session, others, otherCount };
}

/** Value of the button that ends all sessions but this one. */
export const ALL_OTHERS = 'all-others';

export interface DeviceListOptions {
  /** Where the form is sent. */
  readonly action: string;
  readonly csrfToken: string;
  /** The settings flow to come back to. */
  readonly flowId: string;
  readonly nowMs: number;
  readonly locale: Locale;
}

export function renderDevices(devices: Devices, options: DeviceListOptions): Markup {
  const { others, otherCount } = devices;
  const unseen = otherCount - others.length;
  const { text } = options.locale;
  return markup`<form action="${options.action}" method="post">
<input type="hidden" name="csrf_token" value="${options.csrfToken}">
<input type="hidden" name="flow" value="${options.flowId}">
<ul class="rows">
${row(devices.current, { state: markup`<strong class="badge">${text('This device')}</strong>`, text })}
${others.map((session) => otherRow(session, options))}
</ul>
${unseen > 0 && markup`<p class="hint">${text('And {count} more.', { count: unseen })}</p>`}
${otherCount > 0 && markup`<button type="submit" class="button" name="id" value="${ALL_OTHERS}">${text('Sign out everywhere else')}</button>`}
</form>`;
}

function otherRow(session: Session, { nowMs, locale }: DeviceListOptions): Markup {
  const { text } = locale;
  const name = shownName(session, text);
  const leave = markup`<button type="submit" class="button small" name="id" value="${session.id}">${text('Sign out')}<span class="unseen"> ${name}</span></button>`;
  const state = markup`${text('Signed in:')} ${timeAgo(session.authenticatedAtMs, nowMs, locale)}`;
  return row(session, { state, text, action: leave });
}

function row(
  session: Session,
  of: { readonly state: Markup; readonly text: Locale['text']; readonly action?: Markup },
): Markup {
  const { state, text, action } = of;
  const device = session.devices.at(-1);
  const name = nameOf(session);
  const place = [device?.location, withoutPort(device?.ipAddress ?? '')].filter(Boolean).join(' · ');
  return markup`<li>${icon(name.kind)}<div><p class="name">${shownName(session, text)}</p>
<p class="quiet">${state}${place !== '' && ` · ${place}`}</p></div>${action}</li>`;
}

/** The protocol keeps addresses with the port that the client sent from, which tells a person nothing. */
export function withoutPort(address: string): string {
  return /^\[(.+)\]:\d+$/.exec(address)?.[1] ?? /^([\d.]+):\d+$/.exec(address)?.[1] ?? address;
}

const nameOf = (session: Session): DeviceName => deviceName(session.devices.at(-1)?.userAgent ?? null);

const shownName = (session: Session, text: Locale['text']): string => {
  const { program, system } = nameOf(session);
  if (program !== undefined && system !== undefined)
    return text('{program} on {system}', { program, system });
  return program ?? system ?? text('Unknown device');
};

const SHAPES: Readonly<Record<DeviceName['kind'], Markup>> = {
  computer: markup`<rect x="3" y="4" width="18" height="12" rx="2"/><path d="M8 20h8M12 16v4"/>`,
  tablet: markup`<rect x="5" y="2.5" width="14" height="19" rx="2"/><path d="M11 18.5h2"/>`,
  phone: markup`<rect x="7" y="2.5" width="10" height="19" rx="2"/><path d="M11 18.5h2"/>`,
  program: markup`<rect x="3" y="4" width="18" height="16" rx="2"/><path d="m7 9 3 3-3 3M13 15h4"/>`,
};

function icon(kind: DeviceName['kind']): Markup {
  return markup`<svg class="icon" viewBox="0 0 24 24" width="24" height="24" fill="none" stroke="currentColor" stroke-width="1.5" stroke-linecap="round" aria-hidden="true">${SHAPES[kind]}</svg>`;
}
