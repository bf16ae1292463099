package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

const (
	smallest = 1000 // items in the first table of the curve; the next ones have ten times as many

	// Partitions have so many items, so that there is something to query in each.
	perPartition = 100
)

// measureCurve prints how the embedded DynamoDB does with more and more items: what it
// does with few must not be because they are few.
func measureCurve(ctx context.Context, p plan, _ localCommand) error {
	fmt.Fprintf(p.report, "\nOne connection, the embedded DynamoDB alone, in a process that has just opened the folder.\n\n")
	header(p, "items", "file MB", "start ms", "GetItem p50 ms", "GetItem CPU µs", "Query of 20 p50 ms", "Query of 20 CPU µs", "RSS MB")
	for items := smallest; items <= p.largest; items *= 10 {
		say("a table of %d items …", items)
		if err := measureSize(ctx, p, items); err != nil {
			return err
		}
	}
	return nil
}

func measureSize(ctx context.Context, p plan, items int) error {
	dir := filepath.Join(p.dir, fmt.Sprint("curve-", items))
	defer os.RemoveAll(dir)
	s, err := startEmbedded(ctx, p.embedded, dir)
	if err != nil {
		return err
	}
	err = fill(ctx, s, items)
	s.stop()
	if err != nil {
		return err
	}
	if s, err = startEmbedded(ctx, p.embedded, dir); err != nil {
		return err
	}
	defer s.stop()
	var samples []sample
	for _, r := range []request{
		{name: "get", operation: "GetItem", body: `{"TableName":"load","Key":{"pk":{"S":"$"},"sk":{"N":"7"}}}`},
		{name: "query", operation: "Query", body: `{"TableName":"load","KeyConditionExpression":"pk = :pk","ExpressionAttributeValues":{":pk":{"S":"$"}},"Limit":20}`},
	} {
		// Every tenth partition, or all when they are few: spread over the whole file.
		partitions := items / perPartition
		r.distinct = partitions
		if partitions >= 100 {
			r.distinct = partitions / 10
			r.body = strings.ReplaceAll(r.body, `"$"`, `"$0"`)
		}
		script, err := r.script(p.dir)
		if err != nil {
			return err
		}
		got, err := load(ctx, s, script, p.duration, 1)
		if err != nil {
			return err
		}
		samples = append(samples, got)
	}
	resident, err := s.resident()
	if err != nil {
		return err
	}
	fmt.Fprintf(p.report, "| %d | %.1f | %.1f | %.2f | %.0f | %.2f | %.0f | %.0f |\n", items, size(dir)/1e6, milliseconds(s.started),
		milliseconds(samples[0].p50), milliseconds(samples[0].cpu)*1e3, milliseconds(samples[1].p50), milliseconds(samples[1].cpu)*1e3, resident/1e6)
	return nil
}

// fill writes the items in batches, as a client does.
func fill(ctx context.Context, s *server, items int) error {
	if err := s.ask(ctx, "CreateTable", createTable); err != nil {
		return err
	}
	const batch = 25 // the most that BatchWriteItem takes
	for from := 0; from < items; from += batch {
		var puts []string
		for i := from; i < min(from+batch, items); i++ {
			puts = append(puts, `{"PutRequest":{"Item":`+item(fmt.Sprint(1+i/perPartition), fmt.Sprint(i%perPartition), "4.5")+`}}`)
		}
		if err := s.ask(ctx, "BatchWriteItem", `{"RequestItems":{"load":[`+strings.Join(puts, ",")+`]}}`); err != nil {
			return err
		}
	}
	return nil
}

func size(dir string) float64 {
	var sum int64
	entries, err := os.ReadDir(dir)
	if err != nil {
		return 0
	}
	for _, entry := range entries {
		if info, err := entry.Info(); err == nil {
			sum += info.Size()
		}
	}
	return float64(sum)
}
