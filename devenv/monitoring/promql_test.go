package monitoring_test

import (
	"testing"

	"github.com/VictoriaMetrics/metricsql"
	"github.com/stretchr/testify/require"
)

// uses are the series that an expression asks for, each with the labels that it needs:
// those that are matched, and those that results are grouped by.
//
// The parser is that of MetricsQL, of which PromQL is a part: Prometheus' own would bring
// its whole module.
func uses(t *testing.T, expression string) map[string]map[string]bool {
	t.Helper()
	parsed, err := metricsql.Parse(expression)
	require.NoError(t, err, expression)
	found := map[string]map[string]bool{}
	note(parsed, nil, found)
	return found
}

func note(e metricsql.Expr, grouped []string, found map[string]map[string]bool) {
	switch e := e.(type) {
	case *metricsql.MetricExpr:
		for _, filters := range e.LabelFilterss {
			// The name goes first.
			if len(filters) == 0 || filters[0].Label != "__name__" {
				continue
			}
			labels := found[filters[0].Value]
			if labels == nil {
				labels = map[string]bool{}
				found[filters[0].Value] = labels
			}
			for _, filter := range filters[1:] {
				labels[filter.Label] = true
			}
			for _, label := range grouped {
				labels[label] = true
			}
		}
	case *metricsql.AggrFuncExpr:
		// What is grouped further out is what is left of these.
		grouped = nil
		if e.Modifier.Op == "by" {
			grouped = e.Modifier.Args
		}
		for _, argument := range e.Args {
			note(argument, grouped, found)
		}
	case *metricsql.FuncExpr:
		for _, argument := range e.Args {
			note(argument, grouped, found)
		}
	case *metricsql.RollupExpr:
		note(e.Expr, grouped, found)
	case *metricsql.BinaryOpExpr:
		if e.GroupModifier.Op == "on" {
			grouped = append(grouped, e.GroupModifier.Args...)
		}
		note(e.Left, grouped, found)
		note(e.Right, grouped, found)
	}
}

// uncompared is an alert's expression without its comparisons, and without absent: what
// it looks at.
func uncompared(t *testing.T, expression string) string {
	t.Helper()
	parsed, err := metricsql.Parse(expression)
	require.NoError(t, err, expression)
	return string(without(parsed).AppendString(nil))
}

func without(e metricsql.Expr) metricsql.Expr {
	switch e := e.(type) {
	case *metricsql.BinaryOpExpr:
		switch e.Op {
		case ">", "<", ">=", "<=", "==", "!=":
			return without(e.Left)
		}
		e.Left, e.Right = without(e.Left), without(e.Right)
	case *metricsql.FuncExpr:
		if e.Name == "absent" {
			return without(e.Args[0])
		}
		for i := range e.Args {
			e.Args[i] = without(e.Args[i])
		}
	case *metricsql.AggrFuncExpr:
		for i := range e.Args {
			e.Args[i] = without(e.Args[i])
		}
	case *metricsql.RollupExpr:
		e.Expr = without(e.Expr)
	}
	return e
}
