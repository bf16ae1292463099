package traces

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/go-json-experiment/json"

	"github.com/pretendfriend/falafel-api/terraform/cost"
)

const (
	barWidth   = 32
	labelWidth = 60  // at most
	maxRows    = 200 // more than a person reads
	maxIndent  = 12  // levels
)

// Waterfall shows the spans of one trace as text: who called whom, when, for how long, and
// what DynamoDB charged for it, where the spans say so. The prices are AWS's list prices.
func Waterfall(spans []Span) string {
	if len(spans) == 0 {
		return ""
	}
	chart := newChart(spans)
	var out strings.Builder
	fmt.Fprintf(&out, "trace %s, %s\n", printable(spans[0].TraceID), chart.begin.Format("2006-01-02 15:04:05.000"))
	for i, row := range chart.rows {
		if i == maxRows {
			fmt.Fprintf(&out, "… and %d more spans\n", len(chart.rows)-maxRows)
			break
		}
		line := fmt.Sprintf("%s  %s  %s  %s", pad(row.label, chart.width), chart.bar(row.Start, row.Took), duration(row.Took), row.notes())
		out.WriteString(strings.TrimRight(line, " ") + "\n")
		for _, event := range row.Events {
			fmt.Fprintf(&out, "%s· %s at %s%s\n", strings.Repeat("  ", min(row.depth, maxIndent)+1),
				printable(event.Name), strings.TrimSpace(duration(event.At.Sub(chart.begin))), errorType(event.Attributes))
		}
	}
	if total := chart.total; total != (units{}) {
		fmt.Fprintf(&out, "consumed %s: %.2f USD for a million of these\n", total, total.price())
	}
	return out.String()
}

// chart is the spans as rows, each below its parent.
type chart struct {
	rows  []row
	begin time.Time
	took  time.Duration
	width int // of the labels
	total units
}

type row struct {
	Span
	depth int
	label string
}

func newChart(spans []Span) *chart {
	c := &chart{begin: spans[0].Start}
	known := map[string]bool{}
	for _, span := range spans {
		known[span.SpanID] = true
		if span.Start.Before(c.begin) {
			c.begin = span.Start
		}
	}
	children := map[string][]Span{}
	for _, span := range spans {
		c.took = max(c.took, span.Start.Add(span.Took).Sub(c.begin))
		c.total = c.total.plus(unitsOf(span))
		if span.ParentID != "" && known[span.ParentID] {
			children[span.ParentID] = append(children[span.ParentID], span)
		}
	}
	shown := map[string]bool{}
	var add func(span Span, depth int)
	add = func(span Span, depth int) {
		if shown[span.SpanID] {
			return
		}
		shown[span.SpanID] = true
		label := strings.Repeat("  ", min(depth, maxIndent)) + printable(span.Name)
		c.rows = append(c.rows, row{span, depth, label})
		c.width = min(labelWidth, max(c.width, utf8.RuneCountInString(label)))
		for _, child := range children[span.SpanID] {
			add(child, depth+1)
		}
	}
	for _, span := range spans {
		if span.ParentID == "" || !known[span.ParentID] {
			add(span, 0)
		}
	}
	for _, span := range spans { // what is its own ancestor, whoever says so
		add(span, 0)
	}
	return c
}

// bar says when, in parts of the whole: each begins where it belongs, and is seen, however
// short it was.
func (c *chart) bar(start time.Time, took time.Duration) string {
	place := func(d time.Duration) int {
		if c.took <= 0 {
			return 0
		}
		return int(float64(d) / float64(c.took) * barWidth)
	}
	from := min(place(start.Sub(c.begin)), barWidth-1)
	to := min(max(place(start.Sub(c.begin)+took), from+1), barWidth)
	return "|" + strings.Repeat(" ", from) + strings.Repeat("█", to-from) + strings.Repeat(" ", barWidth-to) + "|"
}

// duration has one width, so that they can be compared by eye.
func duration(d time.Duration) string {
	if d >= time.Minute {
		return fmt.Sprintf("%8.1f s ", d.Seconds())
	}
	return fmt.Sprintf("%8.1f ms", float64(d.Microseconds())/1000)
}

// pad makes a label as wide as the others, or cuts it.
func pad(label string, width int) string {
	if length := utf8.RuneCountInString(label); length <= width {
		return label + strings.Repeat(" ", width-length)
	}
	return string([]rune(label)[:width-1]) + "…"
}

// printable leaves nothing in a text that a terminal would act on.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return '�'
		}
		return r
	}, text)
}

// notes are what a reader wants to know beside the time.
func (r row) notes() string {
	var notes []string
	add := func(note string) {
		if note != "" {
			notes = append(notes, printable(note))
		}
	}
	// Of a call to DynamoDB, the error's name says more.
	if status, ok := r.Attributes["http.response.status_code"].(int64); ok && r.text("db.operation.name") == "" {
		add(strconv.FormatInt(status, 10))
	}
	add(r.text("falafel.access_pattern"))
	add(r.text("aws.dynamodb.index_name"))
	if consumed := unitsOf(r.Span); consumed != (units{}) {
		add(consumed.String())
	}
	if again, ok := r.Attributes["http.request.resend_count"].(int64); ok && again > 0 {
		add(strconv.FormatInt(again+1, 10) + " attempts")
	}
	if r.failed() {
		what := "failed"
		if r.Message != "" {
			what += " (" + r.Message + ")"
		}
		add(what + errorType(r.Attributes))
	}
	return strings.Join(notes, ", ")
}

func errorType(attributes map[string]any) string {
	if name, _ := attributes["error.type"].(string); name != "" {
		return ": " + printable(name)
	}
	return ""
}

// units are capacity units.
type units struct{ read, write float64 }

func (u units) plus(v units) units { return units{u.read + v.read, u.write + v.write} }

func (u units) price() float64 { return u.read*cost.ReadMillion + u.write*cost.WriteMillion }

func (u units) String() string {
	var parts []string
	for _, of := range []struct {
		kind   string
		number float64
	}{{"read", u.read}, {"write", u.write}} {
		switch of.number {
		case 0:
		case 1:
			parts = append(parts, "1 "+of.kind+" unit")
		default:
			parts = append(parts, strconv.FormatFloat(of.number, 'f', -1, 64)+" "+of.kind+" units")
		}
	}
	return strings.Join(parts, " and ")
}

// unitsOf reads what OpenTelemetry's convention has of a call: ConsumedCapacity, in JSON,
// for each table. Of which kind the units are, the operation tells.
//
// https://opentelemetry.io/docs/specs/semconv/database/dynamodb/
func unitsOf(span Span) (total units) {
	reports, _ := span.Attributes["aws.dynamodb.consumed_capacity"].([]any)
	for _, report := range reports {
		text, _ := report.(string)
		var consumed struct{ CapacityUnits float64 }
		if json.Unmarshal([]byte(text), &consumed) != nil || !(consumed.CapacityUnits > 0) {
			continue
		}
		switch operation := span.text("db.operation.name"); {
		case strings.HasPrefix(operation, "Get"), strings.HasPrefix(operation, "Query"), strings.HasPrefix(operation, "Scan"),
			strings.HasPrefix(operation, "BatchGet"), strings.HasPrefix(operation, "TransactGet"):
			total.read += consumed.CapacityUnits
		default:
			total.write += consumed.CapacityUnits
		}
	}
	return total
}
