package main

import (
	"fmt"

	"github.com/grafana/grafana-foundation-sdk/go/units"

	"github.com/pretendfriend/falafel-api/terraform/cost"
	costs "github.com/pretendfriend/falafel-api/terraform/cost/requests"
)

// service is for whoever is on call: is a promise broken, where, and what is short.
func service() board {
	return board{
		file: "service.json", uid: "falafel-service", title: "Falafel API: service",
		description: "Is a promise broken, on which route, and what is short? From the top: what users notice, then why.",
		rows: []row{
			{"Objectives", objectives()},
			{"Requests", requests()},
			{"Saturation", saturation()},
			{"DynamoDB", database()},
			{"Money", money()},
			{"Telemetry", telemetry()},
		},
	}
}

func requests() []panel {
	const (
		quantile = `histogram_quantile(%s, sum by (le) (rate(http_server_request_duration_seconds_bucket[$__rate_interval])))`
		route    = "{{http_request_method}} {{http_route}}"
		// Paths that no route has are left out.
		byRoute = `histogram_quantile(%s, sum by (le, http_request_method, http_route) (rate(http_server_request_duration_seconds_bucket{http_route!=""}[$__rate_interval])))`
	)
	return []panel{
		{
			title: "Requests by route", kind: graph, width: 12, unit: units.RequestsPerSecond, stacked: true,
			description: "Answers a second. Paths that no route has are \"unmatched\".",
			queries:     []query{{expr: "sum by (method, route) (rate(http_requests_total[$__rate_interval]))", legend: "{{method}} {{route}}"}},
		},
		{
			title: "Requests by status", kind: graph, width: 12, unit: units.RequestsPerSecond, stacked: true,
			description: "5xx are errors of the service, 4xx of its clients: many of one kind tell of a client that is broken, or of an attack.",
			queries:     []query{{expr: "sum by (code) (rate(http_requests_total[$__rate_interval]))", legend: "{{code}}"}},
		},
		{
			title: "Errors of the service by route", kind: graph, width: 12, unit: units.PercentUnit,
			description: "The share of answers that are 5xx. Routes without an error in the time that is shown are left out.",
			queries: []query{{
				expr:   `sum by (method, route) (rate(http_requests_total{code=~"5.."}[$__rate_interval])) / sum by (method, route) (rate(http_requests_total[$__rate_interval]))`,
				legend: "{{method}} {{route}}",
			}},
			steps: []step{{0.001, bad}}, runbooks: []string{"AvailabilityBudgetBurn"},
		},
		{
			title: "Refused requests by route", kind: graph, width: 12, unit: units.PercentUnit,
			description: "The share of answers that are 4xx.",
			queries: []query{{
				expr:   `sum by (method, route) (rate(http_requests_total{code=~"4.."}[$__rate_interval])) / sum by (method, route) (rate(http_requests_total[$__rate_interval]))`,
				legend: "{{method}} {{route}}",
			}},
		},
		{
			title: "Duration of all requests", kind: graph, width: 12, unit: units.Seconds,
			description: "From a request's header to the end of its answer. The dots are single requests: one leads to its trace.",
			queries: []query{
				{expr: fmt.Sprintf(quantile, "0.99"), legend: "p99", exemplars: true},
				{expr: fmt.Sprintf(quantile, "0.95"), legend: "p95"},
				{expr: fmt.Sprintf(quantile, "0.5"), legend: "p50"},
			},
			runbooks: []string{"ReadLatencyBudgetBurn", "WriteLatencyBudgetBurn"},
		},
		{
			title: "Duration of all requests, as a heat map", kind: heat, width: 12, unit: units.Seconds,
			description: "How many requests took how long. Two bands are two kinds of requests: look at the routes.",
			queries:     []query{{expr: "sum by (le) (increase(http_server_request_duration_seconds_bucket[$__rate_interval]))", legend: "{{le}}"}},
		},
		{
			title: "Duration by route, p50", kind: graph, width: 8, unit: units.Seconds,
			description: "Half of a route's requests are faster.",
			queries:     []query{{expr: fmt.Sprintf(byRoute, "0.5"), legend: route}},
		},
		{
			title: "Duration by route, p95", kind: graph, width: 8, unit: units.Seconds,
			description: "One of 20 requests of a route is slower.",
			queries:     []query{{expr: fmt.Sprintf(byRoute, "0.95"), legend: route}},
		},
		{
			title: "Duration by route, p99", kind: graph, width: 8, unit: units.Seconds,
			description: "One of 100 requests of a route is slower.",
			queries:     []query{{expr: fmt.Sprintf(byRoute, "0.99"), legend: route}},
			runbooks:    []string{"ReadLatencyBudgetBurn", "WriteLatencyBudgetBurn"},
		},
	}
}

func saturation() []panel {
	return []panel{
		{
			title: "Requests in flight", kind: graph, width: 8, unit: units.Short, stacked: true,
			description: "Requests that are being answered. It grows with what comes in, and with the time that each takes.",
			queries:     []query{{expr: "sum by (http_request_method) (http_server_active_requests)", legend: "{{http_request_method}}"}},
		},
		{
			title: "CPU", kind: graph, width: 8, unit: units.Short,
			description: "Processors that the service keeps busy, and how many it may use at the same time.",
			queries: []query{
				{expr: "sum(rate(process_cpu_seconds_total[$__rate_interval]))", legend: "busy"},
				{expr: "sum(go_sched_gomaxprocs_threads)", legend: "limit"},
			},
		},
		{
			title: "Memory", kind: graph, width: 8, unit: units.BytesIEC,
			description: "What the process holds, what of that is the heap, and the limit of its container, if it has one (GOMEMLIMIT is 90 % of that).",
			queries: []query{
				{expr: "sum(process_resident_memory_bytes)", legend: "resident"},
				{expr: "sum(go_memstats_heap_inuse_bytes)", legend: "heap"},
				// Without a limit it is the largest integer there is.
				{expr: "sum(go_gc_gomemlimit_bytes < 2^50)", legend: "limit"},
			},
			runbooks: []string{"MemoryNearLimit"},
		},
		{
			title: "Goroutines", kind: graph, width: 8, unit: units.Short,
			description: "A few for each connection. A number that only ever grows is a leak.",
			queries:     []query{{expr: "sum(go_goroutines)", legend: "goroutines"}},
		},
		{
			title: "Garbage collection", kind: graph, width: 8, unit: units.PercentUnit,
			description: "The share of time that requests stand still for it. Above a per cent, memory is short.",
			queries:     []query{{expr: "sum(rate(go_gc_duration_seconds_sum[$__rate_interval]))", legend: "paused"}},
			steps:       []step{{0.01, warning}},
		},
		{
			title: "File descriptors", kind: graph, width: 8, unit: units.PercentUnit, most: new(1.0),
			description: "The share of those that the process may open. Connections are most of them.",
			queries:     []query{{expr: "max(process_open_fds / process_max_fds)", legend: "open"}},
			steps:       []step{{0.8, bad}},
		},
		{
			title: "Traffic", kind: graph, width: 24, unit: units.BytesPerSecondIEC,
			description: "Bodies of requests and of answers.",
			queries: []query{
				{expr: "sum(rate(http_server_request_body_size_bytes_sum[$__rate_interval]))", legend: "received"},
				{expr: "sum(rate(http_server_response_body_size_bytes_sum[$__rate_interval]))", legend: "sent"},
			},
		},
	}
}

func database() []panel {
	const quantile = `histogram_quantile(%s, sum by (le, db_operation_name) (rate(db_client_operation_duration_seconds_bucket[$__rate_interval])))`
	return []panel{
		{
			title: "Calls by access pattern", kind: graph, width: 12, unit: units.OpsPerSecond, stacked: true,
			description: "Calls to DynamoDB a second, by what they are for (docs/access-patterns.md).",
			queries:     []query{{expr: "sum by (access_pattern) (rate(falafel_dynamodb_calls_total[$__rate_interval]))", legend: "{{access_pattern}}"}},
		},
		{
			title: "Calls that did not succeed", kind: graph, width: 12, unit: units.OpsPerSecond,
			description: "By outcome. A failed condition is how a stale ETag or a replay is found, and is no fault; conflicts are retried; throttled and unavailable are what users notice.",
			queries:     []query{{expr: `sum by (outcome, access_pattern) (rate(falafel_dynamodb_calls_total{outcome!="ok"}[$__rate_interval])) > 0`, legend: "{{outcome}}: {{access_pattern}}"}},
			runbooks:    []string{"DynamoDBUnavailable", "DynamoDBThrottled"},
		},
		{
			title: "Duration of calls, p50", kind: graph, width: 8, unit: units.Seconds,
			description: "By DynamoDB's operation, retries included.",
			queries:     []query{{expr: fmt.Sprintf(quantile, "0.5"), legend: "{{db_operation_name}}", exemplars: true}},
		},
		{
			title: "Duration of calls, p95", kind: graph, width: 8, unit: units.Seconds,
			description: "By DynamoDB's operation, retries included.",
			queries:     []query{{expr: fmt.Sprintf(quantile, "0.95"), legend: "{{db_operation_name}}"}},
		},
		{
			title: "Duration of calls, p99", kind: graph, width: 8, unit: units.Seconds,
			description: "By DynamoDB's operation, retries included. DynamoDB answers within 10 ms as a rule: what takes longer was retried.",
			queries:     []query{{expr: fmt.Sprintf(quantile, "0.99"), legend: "{{db_operation_name}}"}},
		},
		{
			title: "Throttles and retries", kind: graph, width: 8, unit: units.OpsPerSecond,
			description: "Attempts that DynamoDB throttled, and attempts that the SDK made again for any reason.",
			queries: []query{
				{expr: "sum by (access_pattern) (rate(falafel_dynamodb_throttles_total[$__rate_interval])) > 0", legend: "throttled: {{access_pattern}}"},
				{expr: "sum by (access_pattern) (rate(falafel_dynamodb_retries_total[$__rate_interval])) > 0", legend: "retried: {{access_pattern}}"},
			},
			runbooks: []string{"DynamoDBThrottled"},
		},
		{
			title: "Transaction conflicts", kind: graph, width: 8, unit: units.OpsPerSecond,
			description: "Writes that met another write of the same restaurant, and were tried again. Many are a restaurant that is written to by several tasks at the same time.",
			queries:     []query{{expr: "sum by (access_pattern, reason) (rate(falafel_transaction_conflicts_total[$__rate_interval])) > 0", legend: "{{reason}}: {{access_pattern}}"}},
			runbooks:    []string{"TransactionConflicts"},
		},
		{
			title: "Consumed capacity", kind: graph, width: 8, unit: units.Short, stacked: true,
			description: "Capacity units a second, as DynamoDB reports them. These are what is paid for.",
			queries:     []query{{expr: "sum by (kind, access_pattern) (rate(falafel_dynamodb_consumed_units_total[$__rate_interval])) > 0", legend: "{{kind}}: {{access_pattern}}"}},
		},
	}
}

// money is what the numbers above cost, at the prices of docs/cost.md.
func money() []panel {
	const consumed = "falafel_dynamodb_consumed_units_total"
	priced := fmt.Sprintf(`rate(%[1]s{kind="read"}[$__rate_interval]) * %[2]g or rate(%[1]s{kind="write"}[$__rate_interval]) * %[3]g`,
		consumed, cost.ReadMillion, cost.WriteMillion)
	list := fmt.Sprintf("List prices of %s in %s: %g USD for a million read units, %g for a million write units.", cost.Region, cost.AsOf, cost.ReadMillion, cost.WriteMillion)
	return []panel{
		{
			title: "USD a million requests, by route", kind: graph, width: 12, unit: units.Dollars,
			description: "What the requests of a route consume in DynamoDB, as it reports it. " + list,
			queries:     []query{{expr: costs.PromQL("$__rate_interval"), legend: "{{method}} {{route}}"}},
		},
		{
			title: "USD a million calls, by access pattern", kind: graph, width: 12, unit: units.Dollars,
			description: "What a call consumes in DynamoDB. docs/cost.md has the bounds. " + list,
			queries: []query{{
				expr:   fmt.Sprintf(`sum by (access_pattern) (%s) / sum by (access_pattern) (rate(falafel_dynamodb_calls_total[$__rate_interval]))`, priced),
				legend: "{{access_pattern}}",
			}},
		},
		{
			title: "USD a month at this rate", kind: graph, width: 24, unit: units.Dollars,
			description: "What DynamoDB's reads and writes cost if a month of 730 hours were like this. " + list,
			queries: []query{{
				expr:   fmt.Sprintf(`sum by (kind) (%s) * 730 * 3600 / 1e6`, priced),
				legend: "{{kind}}",
			}},
		},
	}
}

func telemetry() []panel {
	return []panel{
		{
			title: "What runs", kind: number, width: 12, unit: units.Short,
			description: "Tasks by version and release. Two of them are a release that is going on, or one that got stuck.",
			queries:     []query{{expr: "count by (version, release) (falafel_build_info)", legend: "{{version}} {{release}}", at: latest}},
		},
		{
			title: "Up for", kind: number, width: 4, unit: units.Seconds,
			description: "Since the youngest task started.",
			queries:     []query{{expr: "min(time() - process_start_time_seconds)", legend: "youngest task", at: latest}},
		},
		{
			title: "Answers scrapes", kind: number, width: 4, unit: units.Short,
			description: "Tasks that Prometheus reaches.",
			queries:     []query{{expr: `sum(up{job="falafel-api"})`, legend: "tasks", at: latest}},
			steps:       []step{{lowest, bad}, {1, good}},
			runbooks:    []string{"ServiceDown"},
		},
		{
			title: "Log lines left out", kind: number, width: 4, unit: units.CountsPerSecond,
			description: "Lines a second that sampling leaves out of the log in a flood. Metrics and traces still have all of it.",
			queries:     []query{{expr: "sum(rate(falafel_log_lines_dropped_total[$__rate_interval]))", legend: "lines", at: latest}},
			steps:       []step{{1, warning}},
		},
	}
}
