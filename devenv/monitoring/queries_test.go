package monitoring_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/pretendfriend/falafel-api/devenv/faults"
	"github.com/pretendfriend/falafel-api/devenv/monitoring"
)

const (
	demandVariable = "FALAFEL_TEST_MONITORING"

	// scrapeEvery is short, and everything that waits for numbers is as well.
	scrapeEvery = 500 * time.Millisecond

	// dataWithin is how long it may take until there are numbers for everything. It takes
	// a few seconds, of which a busy machine makes more.
	dataWithin = 60 * time.Second
)

// unused are metrics that no panel and no rule shows, each with the reason.
var unused = map[string]string{
	"http_response_duration_ms": "kept for the earlier service's dashboards; ours show the convention's seconds",
}

// Nothing on a dashboard and nothing in a rule may be about numbers that do not exist: the
// service, under a load that meets all that can happen, has data for each.
func TestEveryQueryHasDataAndEveryMetricIsShown(t *testing.T) {
	t.Parallel()
	requirePrometheus(t)
	service := startAPI(t)
	for _, fault := range []faults.Fault{
		{Kind: faults.Throttling, Share: 0.05},
		{Kind: faults.Conflicts, Share: 0.1},
		// Every attempt: the answer is a 503.
		{Kind: faults.Errors, AccessPattern: "newest reviews of all restaurants", Share: 1},
	} {
		require.NoError(t, service.line.Switch(fault))
	}
	loading, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		service.load(loading)
	}()
	t.Cleanup(func() { stop(); <-ended })
	p := startPrometheus(t, service.metrics)

	queries := append(p.ruleQueries(t), dashboardQueries(t)...)
	require.NotEmpty(t, queries)
	missing := queries
	require.EventuallyWithT(t, func(c *assert.CollectT) {
		var still []query
		for _, q := range missing {
			if problem := p.problem(q); problem != "" {
				still = append(still, q)
				assert.Fail(c, problem)
			}
		}
		missing = still
	}, dataWithin, scrapeEvery)

	names := p.metrics(t)
	shown := map[string]bool{}
	for _, q := range queries {
		for name, labels := range uses(t, q.expr) {
			shown[base(name)] = true
			if !assert.Contains(t, names, name, "%s: there is no such metric", q) {
				continue
			}
			for label := range labels {
				assert.Contains(t, names[name], label, "%s: %s has no such label", q, name)
			}
		}
	}
	for name := range names {
		ours := regexp.MustCompile(`^(falafel|http|db)_`).MatchString(name)
		if reason, known := unused[base(name)]; known {
			assert.False(t, shown[base(name)], "%s is shown, and should not be: %s", name, reason)
		} else if ours {
			assert.True(t, shown[base(name)], "%s is on no dashboard and in no rule", name)
		}
	}
	p.hasExemplars(t)
}

// query is an expression of a panel or a rule.
type query struct {
	where  string
	expr   string // as Prometheus takes it
	legend string // "{{route}}"
}

func (q query) String() string { return fmt.Sprintf("%s: %s", q.where, q.expr) }

// variables are Grafana's, which it puts in. A range of a rate is four scrapes at least.
var variables = strings.NewReplacer("$__rate_interval", "10s", "$__range", "1h")

func dashboardQueries(t *testing.T) (queries []query) {
	t.Helper()
	for _, d := range readDashboards(t) {
		for _, p := range d.Panels {
			for _, target := range p.Targets {
				queries = append(queries, query{d.Title + ", " + p.Title, variables.Replace(target.Expr), target.LegendFormat})
			}
		}
		for _, a := range d.Annotations.List {
			queries = append(queries, query{d.Title + ", annotation " + a.Name, variables.Replace(a.Expr), a.TextFormat})
		}
	}
	for _, q := range queries {
		assert.NotContains(t, q.expr, "$", "%s: a variable that this test does not know", q.where)
	}
	return queries
}

// running is a Prometheus that is asked.
type running struct{ *monitoring.Prometheus }

func startPrometheus(t *testing.T, target string) running {
	t.Helper()
	p, err := monitoring.Start(t.Context(), monitoring.Options{
		Dir: t.TempDir(), Addr: "127.0.0.1:0", Target: target, Every: scrapeEvery, Log: t.Output(),
	})
	require.NoError(t, err)
	t.Cleanup(p.Close)
	return running{p}
}

func (p running) ask(path string, values url.Values, data any) error {
	response, err := http.Get(p.URL + "/api/v1/" + path + "?" + values.Encode())
	if err != nil {
		return err
	}
	defer response.Body.Close()
	var answer struct {
		Status, Error string
		Data          json.RawMessage
	}
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil {
		return err
	}
	if answer.Status != "success" {
		return fmt.Errorf("%s: %s", response.Status, answer.Error)
	}
	return json.Unmarshal(answer.Data, data)
}

// problem is what is wrong with the answer to a query; "" is nothing.
func (p running) problem(q query) string {
	var answer struct {
		Result []struct {
			Metric map[string]string
			Value  [2]any // time, and the value as text
		}
	}
	if err := p.ask("query", url.Values{"query": {q.expr}}, &answer); err != nil {
		return fmt.Sprintf("%s: %v", q, err)
	}
	numbers := 0
	for _, series := range answer.Result {
		for _, label := range regexp.MustCompile(`\{\{(\w+)\}\}`).FindAllStringSubmatch(q.legend, -1) {
			if _, ok := series.Metric[label[1]]; !ok {
				return fmt.Sprintf("%s: the legend %s names a label that is not in %v", q, q.legend, series.Metric)
			}
		}
		// NaN is what a division by nothing gives: no number to show.
		if value, err := strconv.ParseFloat(fmt.Sprint(series.Value[1]), 64); err == nil && !math.IsNaN(value) {
			numbers++
		}
	}
	if numbers == 0 {
		return fmt.Sprintf("%s: no data", q)
	}
	return ""
}

// ruleQueries are the expressions of all rules. Those of alerts are without what they
// compare with: that they are silent is no proof.
func (p running) ruleQueries(t *testing.T) (queries []query) {
	t.Helper()
	var rules struct {
		Groups []struct {
			Name  string
			Rules []struct{ Name, Type, Query, Health, LastError string }
		}
	}
	require.NoError(t, p.ask("rules", nil, &rules))
	for _, group := range rules.Groups {
		for _, rule := range group.Rules {
			require.Empty(t, rule.LastError, rule.Name)
			expr := rule.Query
			if rule.Type == "alerting" {
				expr = uncompared(t, expr)
			}
			queries = append(queries, query{where: "rule " + rule.Name, expr: expr})
		}
	}
	return queries
}

// metrics are the names that Prometheus knows, each with its labels.
func (p running) metrics(t *testing.T) map[string]map[string]bool {
	t.Helper()
	var series []map[string]string
	require.NoError(t, p.ask("series", url.Values{"match[]": {`{__name__=~".+"}`}}, &series))
	found := map[string]map[string]bool{}
	for _, labels := range series {
		name := labels["__name__"]
		if found[name] == nil {
			found[name] = map[string]bool{}
		}
		for label := range labels {
			found[name][label] = true
		}
	}
	require.NotEmpty(t, found)
	return found
}

// hasExemplars looks for the traces of single requests where the dashboards show them.
func (p running) hasExemplars(t *testing.T) {
	t.Helper()
	for _, metric := range []string{"http_server_request_duration_seconds_bucket", "db_client_operation_duration_seconds_bucket"} {
		var found []struct {
			Exemplars []struct{ Labels map[string]string }
		}
		require.EventuallyWithT(t, func(c *assert.CollectT) {
			require.NoError(c, p.ask("query_exemplars", url.Values{
				"query": {metric}, "start": {strconv.FormatInt(time.Now().Add(-time.Hour).Unix(), 10)}, "end": {strconv.FormatInt(time.Now().Unix(), 10)},
			}, &found))
			require.NotEmpty(c, found, "%s has no exemplars", metric)
			assert.Regexp(c, "^[0-9a-f]{32}$", found[0].Exemplars[0].Labels["trace_id"])
		}, dataWithin, scrapeEvery)
	}
}

// base is the metric that a series is of: histograms and summaries have several.
func base(series string) string {
	return regexp.MustCompile(`_(bucket|sum|count)$`).ReplaceAllString(series, "")
}

func TestTheNamesOfQueriesAreFound(t *testing.T) {
	t.Parallel()
	found := uses(t, `sum by (route) (rate(a_total{code=~"5.."}[1m])) / on (route) group_left (extra) sum by (route) (b{x!="y"}) and count(c)`)
	assert.Equal(t, []string{"a_total", "b", "c"}, slices.Sorted(maps.Keys(found)))
	assert.Equal(t, []string{"code", "route"}, slices.Sorted(maps.Keys(found["a_total"])))
	assert.Equal(t, []string{"route", "x"}, slices.Sorted(maps.Keys(found["b"])))
	assert.Empty(t, found["c"])

	for alert, without := range map[string]string{
		`a > 1`:                    `a`,
		`absent(up{job="x"} == 1)`: `up{job="x"}`,
		`sum(a) / (sum(b) > 0) > 0.5 and c >= 10`: `(sum(a) / sum(b)) and c`,
	} {
		assert.Equal(t, without, uncompared(t, alert))
	}
}

// requirePrometheus skips where there is none, and nobody demands it.
func requirePrometheus(t *testing.T) {
	t.Helper()
	if err := monitoring.Installed(); err != nil {
		if os.Getenv(demandVariable) != "" {
			t.Fatalf("%s demands it: %v", demandVariable, err)
		}
		t.Skipf("NOT run: %v", err)
	}
}
