// Package requests says what each operation of the API costs in DynamoDB, as it was
// measured: docs/requests-cost.md is made of it. Its test measures, by the metric that an
// operator has.
//
// After a change: go test ./terraform/cost/requests -update
package requests

import (
	"fmt"
	"strings"

	"github.com/pretendfriend/falafel-api/terraform/cost"
)

// An Operation is one way to use one, with what it consumed on average.
type Operation struct {
	Method string
	Route  string // template, as in metrics
	Case   string // what was asked; "" where there is but one way

	Calls      float64 // of DynamoDB
	ReadUnits  float64
	WriteUnits float64
}

// Million is what a million of them cost, in USD.
func (o Operation) Million() float64 {
	return o.ReadUnits*cost.ReadMillion + o.WriteUnits*cost.WriteMillion
}

// PromQL gives the same of the requests that come: USD a million, by method and route. The
// window is a duration of Prometheus, such as 1h.
func PromQL(window string) string {
	return fmt.Sprintf(`sum by (method, route) (
    rate(falafel_request_consumed_units_total{kind="read"}[%[1]s]) * %[2]g
  or
    rate(falafel_request_consumed_units_total{kind="write"}[%[1]s]) * %[3]g
)
/ sum by (method, route) (rate(http_requests_total[%[1]s]))`, window, cost.ReadMillion, cost.WriteMillion)
}

// Markdown is docs/requests-cost.md.
func Markdown(restaurants, reviews int, operations []Operation) string {
	var page strings.Builder
	write := func(format string, values ...any) { fmt.Fprintf(&page, format+"\n", values...) }
	write("# What an operation costs")
	write("")
	write("<!-- Made by terraform/cost/requests: go test ./terraform/cost/requests -update -->")
	write("")
	write("What a million requests of each kind cost in DynamoDB: %g USD for a million read units, %g for a million write units (list prices of %s, %s, on demand).", cost.ReadMillion, cost.WriteMillion, cost.Region, cost.AsOf)
	write("")
	write("Measured, by the metric `falafel_request_consumed_units_total`, on the embedded DynamoDB with %d reviews of %d restaurants: the [sample reviews](../devenv/samples/reviews.json), with names changed, ten times over. [Access patterns](access-patterns.md) have the bounds.", reviews, restaurants)
	write("")
	write("| operation | | calls | read units | write units | USD a million |")
	write("|---|---|---:|---:|---:|---:|")
	for _, o := range operations {
		write("| `%s %s` | %s | %s | %s | %s | %.2f |", o.Method, o.Route, o.Case, short(o.Calls), short(o.ReadUnits), short(o.WriteUnits), o.Million())
	}
	write("")
	write("Reads cost by the 4 KB that they read, writes by the KB of each item and of each index that changes, twice within a transaction. A list asks each shard of its index for a whole page, of which it shows a part. A request that is refused before the database is asked (400, 405, 415) costs nothing.")
	write("")
	write("DynamoDB does not report what a transaction consumed that it cancelled, and charges it all the same. So the metric has too little where a change met another one and was tried again, and for *the same again*: that is found out by a transaction that is cancelled.")
	write("")
	write("## What yours cost")
	write("")
	write("USD a million requests, by route, from the same metric in Prometheus:")
	write("")
	write("```promql")
	write("%s", PromQL("1h"))
	write("```")
	write("")
	write("The dashboard *service* has it as a panel. Each answer tells its own units, in the header `Server-Timing`.")
	return page.String()
}

func short(n float64) string {
	return strings.TrimSuffix(strings.TrimRight(fmt.Sprintf("%.2f", n), "0"), ".")
}
