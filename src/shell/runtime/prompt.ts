// Questions to the user with a few answers, as PowerShell shows them: for -Confirm, Inquire and PromptForChoice. Where
// nobody can be asked it is an error that says so; nothing is ever taken for an answer.
import { ScriptError } from '#shell/values/script-error.ts';
import type { Frame } from './frame.ts';
import type { Session } from './session.ts';

export interface Choice {
  /** `&Yes`: the letter behind & picks it. */
  readonly label: string;
  readonly help: string;
}

interface Shown {
  readonly key: string;
  readonly text: string;
}

function shown({ label }: Choice): Shown {
  const mark = label.indexOf('&');
  const key = mark >= 0 && mark + 1 < label.length ? (label[mark + 1] ?? '').toUpperCase() : '';
  return { key, text: label.replace('&', '') };
}

const MAX_TRIES = 100;

/** The index of the choice; `preset` -1: none. Throws ScriptError where there is nobody to ask. */
export async function askForChoice(
  session: Session,
  caption: string,
  question: string,
  choices: readonly Choice[],
  preset: number,
): Promise<number> {
  const { host } = session;
  const { readLine } = host;
  if (!readLine) throw cannotAsk(question === '' ? caption : question);
  const labels = choices.map(shown);
  const list = labels.map(({ key, text }) => `[${key}] ${text}`).join('  ');
  const standard = labels[preset];
  const hint = standard ? ` (default is "${standard.key === '' ? standard.text : standard.key}")` : '';
  await host.say(`\n${[caption, question].filter((line) => line !== '').join('\n')}\n`);
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const line = await readLine(`${list}  [?] Help${hint}: `, { secret: false });
    if (line === null) throw cannotAsk(question === '' ? caption : question);
    const answer = line.trim().toLowerCase();
    if (answer === '' && standard) return preset;
    if (answer === '?') {
      await host.say(
        `${labels.map(({ key, text }, index) => `${key === '' ? text : key} - ${choices[index]?.help ?? ''}`).join('\n')}\n`,
      );
      continue;
    }
    const found = labels.findIndex(
      ({ key, text }) => answer !== '' && (key.toLowerCase() === answer || text.toLowerCase() === answer),
    );
    if (found >= 0) return found;
  }
  throw cannotAsk(question);
}

function cannotAsk(question: string): ScriptError {
  return new ScriptError(`A question can't be asked because there is no one to answer it: ${question}`, {
    category: 'InvalidOperation',
    errorId: 'PromptNotAvailable',
    exception: 'System.Management.Automation.PSInvalidOperationException',
  });
}

const CONTINUE_CHOICES: readonly Choice[] = [
  { label: '&Yes', help: 'Go on with the next step.' },
  { label: 'Yes to &All', help: 'Go on and ask no more.' },
  { label: '&Halt Command', help: 'Stop this command.' },
];

/** Inquire: false stops the command. */
export async function askToContinue(frame: Frame, text: string): Promise<boolean> {
  const answer = await askForChoice(frame.session, 'Confirm', text, CONTINUE_CHOICES, 0);
  return answer !== 2;
}

export type ConfirmAnswer = 'Yes' | 'YesToAll' | 'No' | 'NoToAll';
const CONFIRM_ANSWERS: readonly ConfirmAnswer[] = ['Yes', 'YesToAll', 'No', 'NoToAll'];
const CONFIRM_CHOICES: readonly Choice[] = [
  { label: '&Yes', help: 'Do it.' },
  { label: 'Yes to &All', help: 'Do it, and all that follow in this command.' },
  { label: '&No', help: 'Leave this one out.' },
  { label: 'No to A&ll', help: 'Leave this one and all that follow out.' },
];

export async function askToConfirm(session: Session, target: string, action: string): Promise<ConfirmAnswer> {
  const question = `Are you sure you want to perform this action?\nPerforming the operation "${action}" on target "${target}".`;
  const index = await askForChoice(session, 'Confirm', question, CONFIRM_CHOICES, 0);
  return CONFIRM_ANSWERS[index] ?? 'No';
}
