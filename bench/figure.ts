/** What a figure has to keep to. `ratio` and `difference` compare with the bare side, in the figure's own unit. */
export type Bar =
  | { readonly kind: 'ratioAtMost'; readonly limit: number }
  | { readonly kind: 'ratioAtLeast'; readonly limit: number }
  | { readonly kind: 'differenceAtMost'; readonly limit: number }
  | { readonly kind: 'atMost'; readonly limit: number };

/** One measured figure. `bare` is the same work done without this program; null where there is nothing to compare with. */
export interface Figure {
  /** `row.figure`, the name a bar is overridden by. */
  readonly name: string;
  readonly unit: string;
  readonly ours: number;
  readonly bare: number | null;
  /** Null: reported only. */
  readonly bar: Bar | null;
  readonly samples: number;
  readonly note: string;
}

export interface JudgedFigure extends Figure {
  readonly compared: number | null;
  /** Null: reported only. */
  readonly met: boolean | null;
}

export function judge(figure: Figure): JudgedFigure {
  const { bar, ours, bare } = figure;
  const compared = comparison(figure);
  if (bar === null) return { ...figure, compared, met: null };
  const value = bar.kind === 'atMost' ? ours : compared;
  if (value === null || (bar.kind !== 'atMost' && bare === null)) throw new Error(`${figure.name}: a bar of kind ${bar.kind} needs a bare side`);
  const met = bar.kind === 'ratioAtLeast' ? value >= bar.limit : value <= bar.limit;
  return { ...figure, compared, met };
}

function comparison({ bar, ours, bare }: Figure): number | null {
  if (bare === null) return null;
  return bar?.kind === 'differenceAtMost' ? ours - bare : ours / bare;
}

/** The bar in words. */
export function barText(bar: Bar | null, unit: string): string {
  switch (bar?.kind) {
    case undefined:
      return 'reported';
    case 'ratioAtMost':
      return `at most ${bar.limit}x`;
    case 'ratioAtLeast':
      return `at least ${bar.limit}x`;
    case 'differenceAtMost':
      return `at most ${bar.limit} ${unit} above`;
    case 'atMost':
      return `at most ${bar.limit} ${unit}`;
  }
}
