// Reads PromQL as far as is needed to see that an expression could be one: strings, brackets and braces close, every
// function is one, every metric exists and has the labels that are asked for. It judges no types and no meaning.

/** The labels of each metric, by its name with its suffix such as _bucket. */
export type Series = ReadonlyMap<string, readonly string[]>;

const FUNCTIONS = new Set(
  'abs absent avg avg_over_time ceil clamp_min count delta deriv floor histogram_quantile increase label_replace max max_over_time min min_over_time predict_linear rate round scalar sum sum_over_time time topk vector'.split(
    ' ',
  ),
);
const WORDS = new Set(['and', 'or', 'unless', 'bool', 'offset']);
const GROUPING = /\b(?:by|without|on|ignoring|group_left|group_right)\s*\(([^()]*)\)/g;
const LABEL = /^[a-zA-Z_][a-zA-Z0-9_]*$/;
const SCRAPED = ['job', 'instance', 'node'];

/** In words; nothing where the expression could be one. */
export function problemsIn(expression: string, series: Series): readonly string[] {
  const problems: string[] = [];
  const bare = expression.replace(/"(?:[^"\\]|\\.)*"/g, '""');
  if (bare.replaceAll('""', '').includes('"')) problems.push('a string that does not close');
  problems.push(...unbalanced(bare));
  const metrics = new Set<string>();
  const plain = bare
    .replace(/([a-zA-Z_:][a-zA-Z0-9_:]*)\s*\{([^{}]*)\}/g, (_, name: string, inside: string) => {
      for (const matcher of inside.split(',').filter((one) => one.trim() !== '')) {
        const [, label = ''] = /^\s*(\w+)\s*(?:=~|!~|!=|=)\s*""\s*$/.exec(matcher) ?? [];
        if (!LABEL.test(label)) problems.push(`not a matcher: ${matcher}`);
        else if (!labelsOf(name, series).includes(label)) problems.push(`${name} has no label ${label}`);
      }
      return name;
    })
    .replace(/\[\s*\d+(?:ms|[smhdwy])\s*\]/g, ' ');
  const asked = [...plain.matchAll(GROUPING)].flatMap(([, labels = '']) =>
    labels.split(',').flatMap((label) => (label.trim() === '' ? [] : [label.trim()])),
  );
  const words = plain.replace(GROUPING, ' ').matchAll(/[a-zA-Z_:][a-zA-Z0-9_:]*(\s*\()?/g);
  for (const [word, opens] of words) {
    const name = word.replace(/[\s(]+$/, '');
    if (WORDS.has(name)) continue;
    if (opens !== undefined) {
      if (!FUNCTIONS.has(name)) problems.push(`no function ${name}`);
    } else if (name === 'up' || series.has(name)) metrics.add(name);
    else problems.push(`no metric ${name}`);
  }
  for (const label of asked) {
    if (![...metrics].some((name) => labelsOf(name, series).includes(label))) {
      problems.push(`no metric of it has the label ${label}`);
    }
  }
  if (metrics.size === 0) problems.push('it asks for no metric');
  return problems;
}

function labelsOf(name: string, series: Series): readonly string[] {
  return [...SCRAPED, ...(series.get(name) ?? [])];
}

const CLOSES: Readonly<Record<string, string>> = { ')': '(', ']': '[', '}': '{' };

function unbalanced(expression: string): readonly string[] {
  const open: string[] = [];
  for (const char of expression) {
    if ('([{'.includes(char)) open.push(char);
    else if (char in CLOSES && open.pop() !== CLOSES[char]) return [`an unexpected ${char}`];
  }
  return open.length === 0 ? [] : [`${open.length} brackets do not close`];
}
