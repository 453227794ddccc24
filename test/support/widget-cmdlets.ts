// A few cmdlets over an imaginary kind of object, for tests of what carries cmdlets: sockets, wire, permissions.
import { type Cmdlet, type CmdletContext, defineCmdlet } from '#cmdlets/cmdlet.ts';
import { mistakes } from '#cmdlets/cmdlet-error.ts';
import type { CmdletHost, ConfirmAnswer, ErrorRecord } from '#cmdlets/invocation.ts';
import { identity } from '#parameters/identity.ts';
import { multiValued } from '#parameters/multi-valued-property.ts';
import { parameter } from '#parameters/parameter-declaration.ts';
import {
  booleanType,
  enumeration,
  secretTextType,
  switchType,
  textUpTo,
  wholeNumber,
} from '#parameters/scalar-types.ts';
import { dateTimeType } from '#parameters/date-time-type.ts';
import { DateTime } from '#parameters/date-time.ts';
import { PsObject } from '#parameters/value.ts';
import type { Value } from '#parameters/value.ts';

export interface WidgetServices {
  /** How many objects Get-Widget has given out. */
  produced: number;
  readonly removed: string[];
  readonly lines: string[];
}

export function widgetServices(): WidgetServices {
  return { produced: 0, removed: [], lines: [] };
}

const getWidget = defineCmdlet({
  name: 'Get-Widget',
  synopsis: 'Shows widgets.',
  description: 'Shows as many widgets as are asked for.',
  parameters: {
    Identity: parameter(identity('Widget'), {
      help: 'The widget.',
      position: 0,
      pipeline: { byValue: true, byPropertyName: true },
    }),
    Count: parameter(wholeNumber(0, 1_000_000), { help: 'How many.', default: 1 }),
  },
  outputType: 'Widget',
  examples: [{ title: 'Three', command: 'Get-Widget -Count 3', description: 'Shows three widgets.' }],
  async run(bound, context: CmdletContext<WidgetServices>) {
    if (bound.Identity === 'missing') throw mistakes.objectNotFound('missing');
    for (let index = 0; index < bound.Count; index++) {
      context.services.produced += 1;
      await context.output(
        new PsObject('Widget', [
          ['Name', bound.Identity ?? `W${index}`],
          ['Number', index],
          ['Enabled', true],
          ['Tags', ['a', 'b']],
          ['Comment', null],
          ['WhenCreated', DateTime.fromUtcMilliseconds(1_462_545_000_000)],
        ]),
      );
    }
  },
});

const setWidget = defineCmdlet({
  name: 'Set-Widget',
  synopsis: 'Changes a widget.',
  description: 'Changes what is given and leaves the rest.',
  supportsShouldProcess: true,
  parameters: {
    Identity: parameter(identity('Widget'), {
      help: 'The widget.',
      position: 0,
      mandatory: true,
      pipeline: { byValue: true, byPropertyName: true },
    }),
    Comment: parameter(textUpTo(20), { help: 'A note.' }),
    Enabled: parameter(booleanType, { help: 'On or off.', aliases: ['On'] }),
    Tags: parameter(multiValued(textUpTo(20)), { help: 'Words.' }),
    Colour: parameter(enumeration('WidgetColour', ['Red', 'Green']), { help: 'The colour.' }),
    Seen: parameter(dateTimeType, { help: 'When.' }),
    Password: parameter(secretTextType, { help: 'A secret.', secret: true }),
  },
  outputType: null,
  examples: [],
  async run(bound, context: CmdletContext<WidgetServices>) {
    if (!(await context.shouldProcess(bound.Identity))) return;
    if (bound.Comment === 'warn') context.warning('Be careful.');
    if (bound.Comment === 'twice') context.error(mistakes.objectNotFound('second'));
    if (bound.Comment === 'bug') throw new TypeError('secret detail');
    context.services.lines.push(context.record.line);
  },
});

const removeWidget = defineCmdlet({
  name: 'Remove-Widget',
  synopsis: 'Removes a widget.',
  description: 'Asks first.',
  supportsShouldProcess: true,
  confirmImpact: 'High',
  parameters: {
    Identity: parameter(identity('Widget'), { help: 'The widget.', position: 0, mandatory: true }),
    Force: parameter(switchType, { help: 'Without asking.' }),
  },
  outputType: null,
  examples: [],
  async run(bound, context: CmdletContext<WidgetServices>) {
    if (await context.shouldProcess(bound.Identity)) context.services.removed.push(bound.Identity);
  },
});

const waitWidget = defineCmdlet({
  name: 'Wait-Widget',
  synopsis: 'Waits until it is stopped.',
  description: 'Says that it has begun, and waits.',
  parameters: {},
  outputType: null,
  examples: [],
  async run(_bound, context: CmdletContext<WidgetServices>) {
    await context.output('waiting');
    await new Promise((resolve) => context.signal.addEventListener('abort', resolve, { once: true }));
    context.services.removed.push('stopped');
    throw mistakes.stopped();
  },
});

export const widgetCmdlets: readonly Cmdlet<WidgetServices>[] = [
  getWidget,
  setWidget,
  removeWidget,
  waitWidget,
];

/** A host that collects; `take` may be slow. */
export interface CollectingHost extends CmdletHost {
  readonly outputs: Value[];
  readonly warnings: string[];
  readonly verboses: string[];
  readonly whatIfs: string[];
  readonly errors: ErrorRecord[];
}

export function collectingHost(
  options: {
    readonly answer?: ConfirmAnswer;
    readonly signal?: AbortSignal;
    readonly take?: (value: Value) => Promise<void>;
  } = {},
): CollectingHost {
  const { answer, take } = options;
  const host: CollectingHost = {
    outputs: [],
    warnings: [],
    verboses: [],
    whatIfs: [],
    errors: [],
    async output(value) {
      await take?.(value);
      host.outputs.push(value);
    },
    warning: (text) => void host.warnings.push(text),
    verbose: (text) => void host.verboses.push(text),
    whatIf: (text) => void host.whatIfs.push(text),
    progress: () => undefined,
    error: (error) => void host.errors.push(error),
    confirm: answer === undefined ? null : () => Promise.resolve(answer),
    signal: options.signal ?? new AbortController().signal,
  };
  return host;
}
