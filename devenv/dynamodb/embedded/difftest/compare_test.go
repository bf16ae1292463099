package difftest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"math/big"
	"net/http"
	"slices"
	"strings"

	"github.com/google/go-cmp/cmp"
)

// compare asks one request and compares the whole answers.
func (s *sequence) compare(operation string, input object) {
	ours, theirs := s.both(operation, input)
	if ours.status != http.StatusOK || theirs.status != http.StatusOK {
		s.compareFailures(operation, input, ours, theirs)
		return
	}
	a, b := s.settle(operation, input, ours, theirs)
	if diff := cmp.Diff(canonical(b), canonical(a)); diff != "" {
		s.fail("answers differ (- theirs, + ours):\n"+diff, ours, theirs)
	}
}

func (s *sequence) compareFailures(operation string, input object, ours, theirs answer) {
	if ours.status >= http.StatusInternalServerError {
		s.fail("the engine is at fault", ours, theirs)
	}
	if ours.status == theirs.status && ours.exception == theirs.exception && ours.message == theirs.message {
		a, b := s.settle(operation, input, ours, theirs)
		if diff := cmp.Diff(canonical(details(b)), canonical(details(a))); diff != "" {
			s.fail("the details of failures differ (- theirs, + ours):\n"+diff, ours, theirs)
		}
		return
	}
	if !forgiven(ours, theirs) {
		s.fail("failures differ", ours, theirs)
	}
	// One of them may have written what the other refuses.
	s.apart = s.apart || ours.status != theirs.status
}

// details is what an exception has besides its name and its text: the item of a failed
// condition, the reasons of a cancelled transaction.
func details(body object) object {
	details := maps.Clone(body)
	for _, member := range []string{"__type", "message", "Message"} {
		delete(details, member)
	}
	return details
}

// comparePages reads to the end on both sides, each from its own keys, and compares what
// came in all. The order within a Scan, and among equal sort keys of an index, is each
// side's own, and so is what a page has; how much a page reads is not.
func (s *sequence) comparePages(operation string, input object) {
	var ours, theirs []any
	oursInput, theirsInput := input, input
	total := [2]int64{}
	for page := 0; ; page++ {
		a, b := s.bothPages(operation, oursInput, theirsInput)
		if a.status != http.StatusOK || b.status != http.StatusOK {
			s.compareFailures(operation, input, a, b)
			return
		}
		if a.body["ScannedCount"] != b.body["ScannedCount"] {
			s.fail("they read different numbers of items", a, b)
		}
		total[0], total[1] = total[0]+number(a.body["Count"]), total[1]+number(b.body["Count"])
		items, _ := a.body["Items"].([]any)
		ours = append(ours, items...)
		items, _ = b.body["Items"].([]any)
		theirs = append(theirs, items...)
		left, right := s.settle(operation, input, a, b)
		if diff := cmp.Diff(canonical(right["ConsumedCapacity"]), canonical(left["ConsumedCapacity"])); diff != "" {
			s.fail("capacity differs (- theirs, + ours):\n"+diff, a, b)
		}
		after, beyond := left["LastEvaluatedKey"], right["LastEvaluatedKey"]
		if (after == nil) != (beyond == nil) {
			s.fail("one of them has another page", a, b)
		}
		if after == nil || beyond == nil || page == mostPages {
			break
		}
		oursInput, theirsInput = from(input, after), from(input, beyond)
	}
	if s.filtersUnseen(input) {
		return
	}
	if total[0] != total[1] {
		s.fail(fmt.Sprintf("they count different numbers of items\nours %d, theirs %d", total[0], total[1]), answer{}, answer{})
	}
	if diff := cmp.Diff(s.arranged(operation, input, theirs), s.arranged(operation, input, ours)); diff != "" {
		s.fail("items differ (- theirs, + ours):\n"+diff, answer{body: object{"Items": ours}}, answer{body: object{"Items": theirs}})
	}
}

func (s *sequence) bothPages(operation string, ours, theirs object) (a, b answer) {
	text, err := json.Marshal(ours)
	if err != nil {
		s.t.Fatal(err)
	}
	s.asked = append(s.asked, operation+" "+string(text))
	if a, err = s.ours.ask(s.ctx, s.endpoint, operation, ours); err != nil {
		s.t.Fatalf("the engine: %v\n%s", err, strings.Join(s.asked, "\n"))
	}
	if b, err = s.theirs.ask(s.ctx, s.endpoint, operation, theirs); err != nil {
		s.t.Fatalf("DynamoDB Local: %v\n%s", err, strings.Join(s.asked, "\n"))
	}
	return a, b
}

// arranged is the list of items with what is not determined put in order: all of a Scan,
// and in the Query of an index what follows each other with the same sort key. A
// projection may hide the sort key, and then nothing is left to compare an order by.
func (s *sequence) arranged(operation string, input object, items []any) []string {
	var texts, group []string
	flush := func() {
		slices.Sort(group)
		texts, group = append(texts, group...), nil
	}
	sort := s.schema.sort
	loose := operation == "Scan"
	for _, index := range s.schema.indexes {
		if index.name == input["IndexName"] {
			sort = index.sort
			loose = loose || sort == "" || input["ProjectionExpression"] != nil || input["AttributesToGet"] != nil
		}
	}
	var last string
	for _, item := range items {
		text, _ := json.Marshal(canonical(item))
		if !loose {
			member, _ := item.(object)
			at, _ := json.Marshal(canonical(member[sort]))
			if string(at) != last {
				flush()
			}
			last = string(at)
		}
		group = append(group, string(text))
	}
	flush()
	return texts
}

// compareSizes compares what DescribeTable knows of items and bytes.
func (s *sequence) compareSizes() {
	input := object{"TableName": s.schema.table}
	ours, theirs := s.both("DescribeTable", input)
	a, b := sizes(ours.body["Table"]), sizes(theirs.body["Table"])
	if diff := cmp.Diff(b, a); diff != "" {
		s.fail("sizes differ (- theirs, + ours):\n"+diff, ours, theirs)
	}
}

func sizes(table any) map[string]int64 {
	found := map[string]int64{}
	description, _ := table.(object)
	for _, name := range []string{"ItemCount", "TableSizeBytes"} {
		found[name] = number(description[name])
	}
	for _, kind := range []string{"LocalSecondaryIndexes", "GlobalSecondaryIndexes"} {
		list, _ := description[kind].([]any)
		for _, element := range list {
			index, _ := element.(object)
			found[fmt.Sprint(index["IndexName"], " ItemCount")] = number(index["ItemCount"])
			// 20: not IndexSizeBytes, which is always the table's.
		}
	}
	return found
}

func number(value any) int64 {
	text, _ := value.(json.Number)
	n, _ := text.Int64()
	return n
}

// canonical puts in order what has none: sets, and the answers of a batch. Numbers of
// capacity are compared by value.
func canonical(value any) any {
	switch value := value.(type) {
	case object:
		ordered := object{}
		for name, member := range value {
			list, isList := member.([]any)
			if text, ok := member.(string); ok && name == "N" {
				ordered[name] = byValue(text)
				continue
			}
			if isList && name == "NS" {
				numbers := make([]any, len(list))
				for i, n := range list {
					numbers[i] = byValue(fmt.Sprint(n))
				}
				list = numbers
			}
			if isList && (name == "SS" || name == "NS" || name == "BS") {
				ordered[name] = inOrder(list)
				continue
			}
			if responses, ok := member.(object); ok && (name == "Responses" || name == "UnprocessedKeys" || name == "UnprocessedItems") {
				tables := object{}
				for table, items := range responses {
					if list, ok := items.([]any); ok {
						tables[table] = inOrder(list)
					} else {
						tables[table] = canonical(items)
					}
				}
				ordered[name] = tables
				continue
			}
			ordered[name] = canonical(member)
		}
		return ordered
	case []any:
		list := make([]any, len(value))
		for i, element := range value {
			list[i] = canonical(element)
		}
		return list
	case json.Number:
		return byValue(value.String())
	}
	return value
}

// byValue makes numbers comparable: DynamoDB Local returns them as they were written
// (deviation 13). That ours are in DynamoDB's form is for the tests of package attribute.
func byValue(text string) string {
	if r, ok := new(big.Rat).SetString(text); ok {
		return r.RatString()
	}
	return text
}

func inOrder(list []any) []any {
	ordered := make([]any, len(list))
	for i, element := range list {
		ordered[i] = canonical(element)
	}
	slices.SortFunc(ordered, func(a, b any) int {
		x, _ := json.Marshal(a)
		y, _ := json.Marshal(b)
		return bytes.Compare(x, y)
	})
	return ordered
}
