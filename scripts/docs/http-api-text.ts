/** The parts of docs/http-api.md that no schema holds. */
export const HTTP_API_TEXT = {
  introduction: `# HTTP API

The HTTP facade creates, lists and stops executors. Its paths, fields and messages are those of hummingbot-api's executor
routes, so clients written for it work unchanged; what is different is [listed at the end](#differences-from-hummingbot-api).
\`GET /openapi.json\` serves the OpenAPI document from which the tables on this page are made.

- **Credentials**: HTTP Basic on every route but \`/\`, \`/health\` and \`/openapi.json\`. User and password come from \`USERNAME\`
  and \`PASSWORD\` (default \`admin\`/\`admin\`; with the default password the process only listens on this machine).
- **Errors** are \`{"detail": "..."}\` with field, value and rule, or what happened and the next step; a body or query of the
  wrong shape is a 422 with one entry per issue. A 503 carries \`Retry-After\`; unless it says that an executor may
  have been started, and names its id, nothing was. All codes are in [errors.md](errors.md).
- **Numbers**: bodies are read and answers are written without passing money through a double. Money is a JSON number with
  all its digits, and beside it \`<name>_exact\` is the same as text. In requests decimals may be numbers or numeric strings.
- **Times**: \`timestamp\` and \`close_timestamp\` are Unix seconds, names that end in \`_at\` are ISO 8601.
- **Bodies** are JSON of at most 64 KiB, whatever their content type says; answers are always \`application/json\`.
- **Paths** work with and without a slash at the end, and nothing redirects.
`,
  creating: `## Creating

\`POST /executors\` checks everything before it starts anything: the fields, the connector and account, the rules of the pair
(steps, minimums), and that a process owns the account. The answer is 201 and carries \`executor_id\`, \`executor_type\`,
\`connector_name\`, \`trading_pair\`, \`controller_id\`, \`status\`, \`created_at\` and \`warnings\`. From then on every list shows the
executor, and it survives every process of the system.

**Repeating is safe.** An executor is named by \`id\` in its config (1 to 44 letters, digits, \`_\` or \`-\`), or by the header
\`Idempotency-Key\` (1 to 255 visible ASCII characters, from which the id is derived), or else by a random id of 43 or 44
base58 characters. The same id with the same config answers the same executor with 200, also after it has ended; with
another config it is a 409. A \`timestamp\` counts as part of the config only when the repeated request carries one.

**Tags.** \`controller_id\` of the body decides when it has one, else the one in the config, else \`main\`. \`main\` in the body
beside another tag in the config counts as absent. Two different tags are a 400.

**Unknown keys** are accepted and told in \`warnings\`, with two exceptions that would leave a position without its stop: a
key that \`triple_barrier_config\` does not know, and a barrier outside of it, are a 400.
`,
  searching: `## Searching

\`POST /executors/search\` and \`GET /executors\` answer running and closed executors as one list, newest created first:
\`{"data": [row], "pagination": {"limit", "has_more", "next_cursor", "total_count"}}\`, and \`next_cursor\` at the top as well when
there is one. \`GET\` takes the same filters in the singular (\`controller_id\`, \`executor_type\`, ...); a repeated parameter means
any of its values. A cursor that no answer gave is a 422.
`,
  rows: `## Rows

A row has, besides the fields of the create answer:

| field | meaning |
|---|---|
| \`status\` | \`NOT_STARTED\`, \`RUNNING\`, \`SHUTTING_DOWN\`, \`TERMINATED\` |
| \`is_active\` | not \`TERMINATED\` |
| \`is_trading\` | running with something filled |
| \`close_type\` | how it ended: \`TAKE_PROFIT\`, \`STOP_LOSS\`, \`TRAILING_STOP\`, \`TIME_LIMIT\`, \`EARLY_STOP\`, \`POSITION_HOLD\`, \`EXPIRED\`, \`INSUFFICIENT_BALANCE\`, \`FAILED\`; null before |
| \`outcome\` | what became of its purpose: \`COMPLETED\`, \`PARTIAL\`, \`STOPPED\`, \`REFUSED\`, \`FAILED\`, \`LIQUIDATED\`; null before |
| \`net_pnl_quote\`, \`net_pnl_pct\` | net of all fees; the fraction is of the entry's value (0.02 is 2 %). 0 when the fills went to a hold |
| \`fees_paid_quote\`, \`cum_fees_quote\` | the same number under both names |
| \`volume_quote\` | traded on both sides |
| \`filled_amount_quote\` | the same, but 0 when the fills went to a hold |
| \`duration_seconds\` | from creation to the end, or to now |
| \`close_timestamp\`, \`closed_at\` | null while it is active |
| \`needs_attention\`, \`last_error\`, \`error_count\` | whether somebody has to look, and why |
| \`marked\` | false while a running position is shown with its last durable numbers because no price is known |
| \`config\` | the normalised config, names instead of numbers, every default filled in; sent back it creates the same executor |
| \`custom_info\` | what the type adds: prices, levels, order ids, held orders; while it runs \`open_orders\`, as last told: an order is told of when it has rested for a second, with growing pauses, at most 20 changes for a session |

Running positions are marked with the current price (best bid for a long, best ask for a short) by the same function that
decides their close. \`GET /executors/{id}\` adds \`orders\`, \`hold\` and \`why\`, the last decisions with what they rest on.
`,
  stopping: `## Stopping

\`POST /executors/{id}/stop\` (body \`{"keep_position": false}\`) and \`DELETE /executors/{id}?keep_position=false\` are the same. The
answer comes once the decision stands in the history of the executor, so it holds whatever fails afterwards:
\`{"executor_id", "status": "stopping", "keep_position", ...}\` with the quantities to close or hand over when a worker answered.
The first decision wins and a repeat is told it. An executor that has already ended answers \`"status": "stopped"\`.
`,
  positions: `## Held positions

An executor that ends as \`POSITION_HOLD\` hands its fills to its controller, netted per account, connector and pair at average
cost. \`GET /executors/positions/summary\` lists what has volume left; its totals count flat ones too. The unrealised part is
null while no price is known. A hold is visible no later than the end of the executor that fed it. A controller that cannot be
read does not hide the others: it stands in \`unreadable_controllers\`, and every total is null until it can be read again.

\`buy_breakeven_price\` and \`sell_breakeven_price\` are the average cost, fees not counted. \`breakeven_price_after_fees\` is the
price at which closing what is open leaves the whole position at zero: fees, funding and realised P&L so far are counted.

An account in hedge mode keeps a long and a short of one pair apart, and so do its held positions: \`hedge_side\` tells them
apart, and in a query names one of them. In one-way mode and on spot it is null.

\`DELETE /executors/positions/{connector}/{pair}\` takes a position out of the books and trades nothing; the quantity stays in
the account. What it realised stays in the totals. When an executor hands over more in the same moment, the answer is a 409
and nothing is cleared. A controller also counts its executors by type: volume, fees, P&L, wins, losses and close types. Both
live in the workflow of the controller, so they outlast restarts and the retention of closed workflows.
`,
  differences: `## Differences from hummingbot-api

| there | here |
|---|---|
| listing is \`POST /executors/search\` only, stopping \`POST /executors/{id}/stop\` only | \`GET /executors\` and \`DELETE /executors/{id}\` as well |
| \`side\`, order types: numbers only; strategies and actions: upper case only | names in any case, numbers, and numbers as text |
| \`activation_bounds\` of a position: a list | a list or one number |
| \`triple_barrier_config\` null is refused | null means all barriers off |
| zero and negative amounts, a missing limit price and misspelt barriers are accepted | 400 before anything starts |
| an unavailable connector is a 500 | a 400 that lists what exists |
| the tag in the config is ignored | it counts when the body has none |
| a repeated create is a second position | the same executor |
| a second stop overwrites \`keep_position\` | the first decision wins |
| stopping a closed executor is a 404 | 200 with \`"status": "stopped"\` |
| \`side\` and \`timestamp\` are null once closed; \`config\` changes its form | they stay; one form |
| an unknown cursor starts over | 422 |
| filters with several values use the first | any of them |
`,
} as const;
