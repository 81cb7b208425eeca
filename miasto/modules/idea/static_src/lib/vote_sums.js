// The running sums of a ballot: how many, how much, over or not. The server decides; this only tells while one chooses.
export const filled = (pool) => [...pool.querySelectorAll("[data-vote-option]")].filter((one) => valueOf(one));

export function valueOf(option) {
  const input = option.querySelector("input");
  return input.type === "checkbox" ? (input.checked ? 1 : 0) : Number.parseInt(input.value, 10) || 0;
}

const spaced = (whole) => whole.toString().replace(/\B(?=(\d{3})+(?!\d))/g, "\u00a0");

export function money(grosze) {
  const rest = grosze % 100;
  return `${spaced(Math.floor(grosze / 100))}${rest ? `,${String(rest).padStart(2, "0")}` : ""}\u00a0zł`;
}

const say = (text, values) => text.replace(/\{(\w+)\}/g, (_whole, name) => values[name]);

/** `{text, over}` of one pool. */
export function sumOf(pool, rule, texts) {
  const chosen = filled(pool);
  const n = chosen.length;
  const most = rule.most;
  const parts = [say(most === null ? texts.textChosen : texts.textOf, { n, most })];
  let over = most !== null && n > most;
  if (rule.kind === "knapsack" && rule.budget !== null) {
    const spent = chosen.reduce((sum, one) => sum + Number(one.dataset.cost), 0);
    parts.push(say(texts.textMoney, { spent: money(spent), budget: money(rule.budget) }));
    over ||= spent > rule.budget;
  }
  if (rule.kind === "cumulative") {
    const given = chosen.reduce((sum, one) => sum + valueOf(one), 0);
    const text = rule.points === null ? texts.textPoints : texts.textPointsOf;
    parts.push(say(text, { n: given, most: rule.points }));
    over ||= rule.points !== null && given > rule.points;
    over ||= rule.most_points !== null && chosen.some((one) => valueOf(one) > rule.most_points);
  }
  return { text: `${parts.join(". ")}.${over ? ` ${texts.textOver}` : ""}`, over };
}
