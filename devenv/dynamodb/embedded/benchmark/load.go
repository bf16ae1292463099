package main

import (
	"context"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
)

// requests are those of docs/embedded-performance.md. The items have 125 bytes by DynamoDB's rule.
var requests = []request{
	{"PutItem", "PutItem", `{"TableName":"load","Item":` + item("put-$", "1", "4.~") + `}`, 1000},
	{"GetItem", "GetItem", `{"TableName":"load","Key":{"pk":{"S":"list"},"sk":{"N":"7"}}}`, 1},
	{"Query of 20 items", "Query", `{"TableName":"load","KeyConditionExpression":"pk = :pk","ExpressionAttributeValues":{":pk":{"S":"list"}},"Limit":20}`, 1},
	{"TransactWriteItems of 2", "TransactWriteItems", `{"TransactItems":[{"Put":{"TableName":"load","Item":` + item("one-$", "1", "4.~") +
		`}},{"Put":{"TableName":"load","Item":` + item("other-$", "1", "4.~") + `}}]}`, 1000},
}

func item(pk, sk, rating string) string {
	return fmt.Sprintf(`{"pk":{"S":"%s"},"sk":{"N":"%s"},"rating":{"N":"%s"},"visited_at":{"S":"2026-11-20T12:30:00+01:00"},`+
		`"comment":{"S":"Crisp outside, green inside, and the sauce is worth the queue."},"open":{"BOOL":true}}`, pk, sk, rating)
}

const createTable = `{"TableName":"load","BillingMode":"PAY_PER_REQUEST",
	"AttributeDefinitions":[{"AttributeName":"pk","AttributeType":"S"},{"AttributeName":"sk","AttributeType":"N"}],
	"KeySchema":[{"AttributeName":"pk","KeyType":"HASH"},{"AttributeName":"sk","KeyType":"RANGE"}]}`

// measureLoad prints what the servers do at full load.
func measureLoad(ctx context.Context, p plan, local localCommand) error {
	theirs, err := startLocal(ctx, local, true)
	if err != nil {
		return err
	}
	defer theirs.stop()
	ours, err := startEmbedded(ctx, p.embedded, filepath.Join(p.dir, "load"))
	if err != nil {
		return err
	}
	defer ours.stop()
	servers := []*server{ours, theirs}
	for _, s := range servers {
		if err := s.ask(ctx, "CreateTable", createTable); err != nil {
			return err
		}
		for i := range 40 {
			if err := s.ask(ctx, "PutItem", `{"TableName":"load","Item":`+item("list", strconv.Itoa(i), "4.5")+`}`); err != nil {
				return err
			}
		}
	}
	samples := map[string][2][]sample{}
	for round := range p.rounds + 1 {
		duration := p.duration
		if round == 0 {
			say("warming up …")
			duration = p.warmUp
		} else {
			say("round %d of %d …", round, p.rounds)
		}
		for _, r := range requests {
			script, err := r.script(p.dir)
			if err != nil {
				return err
			}
			of := samples[r.name]
			for i, s := range servers {
				got, err := load(ctx, s, script, duration, p.connections)
				if err != nil {
					return fmt.Errorf("%s: %w", r.name, err)
				}
				if round > 0 {
					of[i] = append(of[i], got)
				}
			}
			samples[r.name] = of
		}
	}
	printLoad(p, samples)
	return printMemory(p, "after the load", ours, theirs)
}

func printLoad(p plan, samples map[string][2][]sample) {
	fmt.Fprintf(p.report, "\n%d connections, medians of %d rounds of %s.\n\n", p.connections, p.rounds, p.duration)
	header(p, "request", "server", "requests/s", "p50 ms", "p99 ms", "CPU µs/request", "requests per CPU second", "**ratio**", "throughput ratio")
	perCPU := func(s sample) float64 { return s.perCPU }
	perSecond := func(s sample) float64 { return s.perSecond }
	for _, r := range requests {
		for i, name := range []string{"embedded", "DynamoDB Local"} {
			of := samples[r.name][i]
			ratios := " | "
			if i == 0 {
				theirs := samples[r.name][1]
				ratios = fmt.Sprintf("**%.1f** | %.2f", median(of, perCPU)/median(theirs, perCPU), median(of, perSecond)/median(theirs, perSecond))
			}
			fmt.Fprintf(p.report, "| %s | %s | %.0f | %.2f | %.2f | %.1f | %.0f | %s |\n", r.name, name, median(of, perSecond),
				median(of, func(s sample) float64 { return s.p50.Seconds() * 1e3 }),
				median(of, func(s sample) float64 { return s.p99.Seconds() * 1e3 }),
				median(of, func(s sample) float64 { return s.cpu.Seconds() * 1e6 }), median(of, perCPU), ratios)
		}
	}
}

func header(p plan, columns ...string) {
	fmt.Fprintf(p.report, "| %s |\n|%s\n", strings.Join(columns, " | "), strings.Repeat("---|", len(columns)))
}
