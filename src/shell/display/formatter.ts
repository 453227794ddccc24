// Out-Default: turns objects into text as they come. Objects of one kind that follow each other share a table or a list;
// the first hundreds decide a table's widths, so that endless output flows.
import { DateTime } from '#parameters/date-time.ts';
import type { TypeView } from '#parameters/metadata.ts';
import { isList } from '#parameters/parameter-type.ts';
import type { Value } from '#parameters/value.ts';
import { ErrorRecordValue } from '#shell/values/error-record.ts';
import { getProperty } from '#shell/values/members.ts';
import { InformationRecord, ListValue, StreamRecord } from '#shell/values/object-values.ts';
import { PropertyCollection } from '#shell/values/property-collection.ts';
import { toText } from '#shell/values/text.ts';
import { errorText, red, yellow } from './error-view.ts';
import { FormatDocument } from './format-document.ts';
import { listLines } from './list-view.ts';
import { type ObjectView, rowsOf, viewOf } from './object-view.ts';
import { type Column, type Layout, layOut, tableHeader, tableRow } from './table-view.ts';

export interface FormatterOptions {
  readonly width: number;
  /** Asked when an object is shown: they come with the connection to the daemon. */
  readonly views: () => readonly TypeView[];
  readonly colour: boolean;
  readonly write: (text: string) => void | Promise<void>;
}

export interface Formatter {
  add(value: Value): void | Promise<void>;
  /** Draws what is held back. */
  finish(): Promise<void>;
}

/** Rows that are looked at before widths are fixed. */
const ROWS_BEFORE_LAYOUT = 300;

interface OpenTable {
  readonly view: ObjectView & { kind: 'table' };
  readonly columns: readonly Column[];
  readonly rows: (readonly Value[])[];
  layout: Layout | null;
}

const STREAM_LABELS = {
  WarningRecord: 'WARNING: ',
  VerboseRecord: 'VERBOSE: ',
  DebugRecord: 'DEBUG: ',
} as const;

class StreamFormatter implements Formatter {
  readonly #options: FormatterOptions;
  #table: OpenTable | null = null;
  #list: string | null = null;

  constructor(options: FormatterOptions) {
    this.#options = options;
  }

  add(value: Value): void | Promise<void> {
    if (value === null) return;
    if (isList(value)) return this.#addAll(value);
    if (value instanceof ListValue || value instanceof PropertyCollection) return this.#addAll(value.items);
    const view = viewOf(value, this.#options.views());
    // PowerShell: objects of one type go on as the first of them began.
    if (view?.kind === 'table' && this.#list === view.key)
      return this.#addList(value, { kind: 'list', key: view.key, properties: view.columns });
    if (view?.kind === 'table') return this.#addRow(value, view);
    if (view?.kind === 'list') return this.#addList(value, view);
    return this.#write(this.#close() + this.#textOf(value));
  }

  async #addAll(items: readonly Value[]): Promise<void> {
    for (const item of items) await this.add(item);
  }

  #textOf(value: Value): string {
    const { width, colour } = this.#options;
    if (value instanceof FormatDocument) {
      const lines = value.render(width);
      return lines.length === 0 ? '' : `\n${lines.join('\n')}\n\n`;
    }
    if (value instanceof DateTime) return `\n${value.toString('F')}\n\n`;
    if (value instanceof ErrorRecordValue) return `${colour ? red(errorText(value)) : errorText(value)}\n`;
    if (value instanceof StreamRecord) {
      const text = `${STREAM_LABELS[value.opaque]}${value.message}`;
      return `${colour ? yellow(text) : text}\n`;
    }
    if (value instanceof InformationRecord)
      return `${value.text}${value.host?.newline === false ? '' : '\n'}`;
    return `${toText(value)}\n`;
  }

  #addRow(value: Value, view: ObjectView & { kind: 'table' }): void | Promise<void> {
    let before = '';
    if (this.#table?.view.key !== view.key) {
      before = this.#close();
      this.#table = {
        view,
        columns: view.columns.map((header) => ({
          header,
          alignment: view.alignment ?? null,
          width: null,
          format: null,
        })),
        rows: [],
        layout: null,
      };
    }
    const table = this.#table;
    for (const row of rowsOf(value, table.view.columns)) {
      if (table.layout) before += this.#rowText(table.layout, row);
      else table.rows.push(row);
    }
    if (!table.layout && table.rows.length >= ROWS_BEFORE_LAYOUT) before += this.#openTable(table);
    return this.#write(before);
  }

  #rowText(layout: Layout, row: readonly Value[]): string {
    return `${tableRow(layout, row, false).join('\n')}\n`;
  }

  #openTable(table: OpenTable): string {
    table.layout = layOut(table.columns, table.rows, this.#options.width);
    const { layout } = table;
    const text = `\n${tableHeader(layout).join('\n')}\n${table.rows.map((row) => this.#rowText(layout, row)).join('')}`;
    table.rows.length = 0;
    return text;
  }

  #addList(value: Value, view: ObjectView & { kind: 'list' }): void | Promise<void> {
    const before = this.#list === view.key ? '' : this.#close();
    this.#list = view.key;
    const entries = view.properties.map((name) => [name, getProperty(value, name) ?? null] as const);
    return this.#write(`${before}\n${listLines(entries, this.#options.width).join('\n')}\n`);
  }

  /** The text that ends what is open. */
  #close(): string {
    const table = this.#table;
    const ended = this.#list === null ? '' : '\n';
    this.#table = null;
    this.#list = null;
    if (!table) return ended;
    return `${table.layout ? '' : this.#openTable(table)}\n`;
  }

  #write(text: string): void | Promise<void> {
    return text === '' ? undefined : this.#options.write(text);
  }

  async finish(): Promise<void> {
    await this.#write(this.#close());
  }
}

export function createFormatter(options: FormatterOptions): Formatter {
  return new StreamFormatter(options);
}
