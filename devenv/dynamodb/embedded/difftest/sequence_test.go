package difftest

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"

	"pgregory.net/rapid"

	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded"
)

const (
	// operations bounds the requests of a check.
	leastOperations, mostOperations = 1, 30

	// mostPages bounds the pages of a read; a table has fewer items.
	mostPages = 40
)

// A sequence is one check: a table, and requests to it, on both sides.
type sequence struct {
	draw

	ctx      context.Context //nolint:containedctx // of the test
	engine   *embedded.Engine
	ours     side
	theirs   side
	endpoint string
	schema   *schema
	asked    []string // for a report
	apart    bool     // they no longer have the same items, and that is forgiven
}

func newSequence(ctx context.Context, t *rapid.T, engine *embedded.Engine, endpoint, table string) *sequence {
	s := &sequence{draw: draw{t}, ctx: ctx, engine: engine, ours: engineSide(engine), theirs: wireSide, endpoint: endpoint}
	s.schema = s.draw.schema(table)
	return s
}

func (s *sequence) run() {
	ours, theirs := s.both("CreateTable", s.schema.create)
	if ours.status != http.StatusOK || theirs.status != http.StatusOK {
		s.fail("a table is refused", ours, theirs)
	}
	defer func() {
		drop := object{"TableName": s.schema.table}
		_, _ = s.ours.ask(s.ctx, s.endpoint, "DeleteTable", drop)
		_, _ = s.theirs.ask(s.ctx, s.endpoint, "DeleteTable", drop)
	}()
	for range s.count(leastOperations, mostOperations, "operations") {
		if s.step(); s.apart {
			return
		}
	}
	s.compareAll()
	if err := s.engine.Check(); err != nil {
		s.t.Fatalf("the engine's store is damaged: %v\n%s", err, strings.Join(s.asked, "\n"))
	}
}

func (s *sequence) step() {
	d, t := s.draw, s.schema
	weighted(d, "operation",
		choice{20, func() { s.compare("PutItem", d.putItem(t)) }},
		choice{20, func() { s.compare("UpdateItem", d.updateItem(t)) }},
		choice{8, func() { s.compare("DeleteItem", d.deleteItem(t)) }},
		choice{8, func() { s.compare("GetItem", d.getItem(t)) }},
		choice{12, func() { s.comparePages("Query", d.query(t)) }},
		choice{10, func() { s.comparePages("Scan", d.scan(t)) }},
		choice{6, func() { s.compare("BatchWriteItem", d.batchWrite(t)) }},
		choice{4, func() { s.compare("BatchGetItem", d.batchGet(t)) }},
		choice{8, func() { s.compare("TransactWriteItems", d.transactWrite(t)) }},
		choice{4, func() { s.compare("TransactGetItems", d.transactGet(t)) }},
	)()
}

// compareAll reads everything from both sides.
func (s *sequence) compareAll() {
	s.comparePages("Scan", object{"TableName": s.schema.table, "ConsistentRead": true})
	for _, index := range s.schema.indexes {
		s.comparePages("Scan", object{"TableName": s.schema.table, "IndexName": index.name})
	}
	s.compareSizes()
}

// both asks both sides.
func (s *sequence) both(operation string, input object) (ours, theirs answer) {
	text, err := json.Marshal(input)
	if err != nil {
		s.t.Fatal(err)
	}
	s.asked = append(s.asked, operation+" "+string(text))
	if ours, err = s.ours.ask(s.ctx, s.endpoint, operation, input); err != nil {
		s.t.Fatalf("the engine: %v\n%s", err, strings.Join(s.asked, "\n"))
	}
	if theirs, err = s.theirs.ask(s.ctx, s.endpoint, operation, input); err != nil {
		s.t.Fatalf("DynamoDB Local: %v\n%s", err, strings.Join(s.asked, "\n"))
	}
	return ours, theirs
}

// fail says what differs in the same words each time, or rapid would take a shorter case
// for another failure and not shrink to it. The particulars are in the log.
func (s *sequence) fail(what string, ours, theirs answer) {
	s.t.Helper()
	s.t.Logf("%s\nasked:\n  %s\nours:   %v\ntheirs: %v", what, strings.Join(s.asked, "\n  "), ours, theirs)
	what, _, _ = strings.Cut(what, "\n")
	s.t.Fatal(what)
}
