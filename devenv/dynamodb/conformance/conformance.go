// Package conformance asks a DynamoDB what AWS documents and compares the answers: names
// and texts of exceptions, the order of checks, what is returned, what is charged.
//
// [Run] takes any DynamoDB: the embedded engine, DynamoDB Local, or AWS itself. It sees
// nothing but the wire, so requests that no SDK would send are cases like any other. What
// is expected is what AWS answers. An implementation that is known to answer otherwise
// hands over its [Deviation]s, and one that no longer deviates fails: the list stays true.
//
// Read case.go first: it has the small language in which the cases are written, one file
// for each subject. fixtures.go has the tables that they share.
package conformance

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

// A Deviation is a case in which an implementation is known to differ from AWS.
type Deviation struct {
	Case    string // "group/name"
	Answers string // a part of what is reported about the case
	Page    string // of AWS's documentation, which says what is right
}

// groups are the subjects, in the order in which a reader would want to know them.
var groups = []struct {
	name  string
	cases []Case
}{
	{"tables", tableCases},
	{"table errors", tableErrorCases},
	{"put", putCases},
	{"get", getCases},
	{"delete", deleteCases},
	{"update", updateCases},
	{"update expressions", updateExpressionCases},
	{"conditions", conditionCases},
	{"expression syntax", expressionCases},
	{"query", queryCases},
	{"key conditions", keyConditionCases},
	{"scan", scanCases},
	{"indexes", indexCases},
	{"batch", batchCases},
	{"transactions", transactionCases},
	{"values", valueCases},
	{"numbers", numberCases},
	{"limits", limitCases},
	{"errors", errorCases},
	{"validation order", validationOrderCases},
	{"capacity", capacityCases},
	{"legacy", legacyCases},
	{"partiql", partiqlCases},
	{"ttl", ttlCases},
	{"tags", tagCases},
	{"streams", streamCases},
	{"settings", settingCases},
}

// Run runs all cases as parallel subtests of t. It creates tables with names of their own
// and deletes them at the end.
func Run(t *testing.T, client *dynamodb.Client, deviations []Deviation) {
	t.Helper()
	target := newEndpoint(client)
	tables := createFixtures(t, target)
	known := make(map[string]Deviation, len(deviations))
	for _, deviation := range deviations {
		known[deviation.Case] = deviation
	}
	for _, group := range groups {
		for _, c := range group.cases {
			name := group.name + "/" + c.name
			deviation, deviates := known[name]
			delete(known, name)
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				err := newRun(t, target, tables).do(c)
				switch {
				case deviates && err == nil:
					t.Errorf("%s: this deviates no longer: take it off the list", c.line)
				case deviates && !strings.Contains(err.Error(), deviation.Answers):
					t.Errorf("%s: this deviates in another way than the list says (%s): %v", c.line, deviation.Answers, err)
				case !deviates && err != nil:
					t.Errorf("%s: %v", c.line, err)
				}
			})
		}
	}
	for name := range known {
		t.Errorf("the list of deviations has a case %q, which does not exist", name)
	}
}
