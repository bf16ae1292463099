package slo_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/pretendfriend/falafel-api/api/slo"
)

func TestRequestsAreJudged(t *testing.T) {
	t.Parallel()
	const (
		reviews = "/v1/restaurants/{restaurant}/reviews"
		ms      = time.Millisecond
	)
	for name, c := range map[string]struct {
		request slo.Request
		good    string // objectives that it counts for, and keeps
		bad     string // … and breaks
	}{
		"a read":                               {slo.Request{"GET", reviews, 200, 5 * ms}, "availability read_latency", ""},
		"a read just in time":                  {slo.Request{"GET", reviews, 200, 100 * ms}, "availability read_latency", ""},
		"a read just too late":                 {slo.Request{"GET", reviews, 200, 100*ms + 1}, "availability", "read_latency"},
		"a read that is not modified":          {slo.Request{"GET", reviews, 304, 5 * ms}, "availability read_latency", ""},
		"a head":                               {slo.Request{"HEAD", reviews, 200, 5 * ms}, "availability read_latency", ""},
		"a browser's preflight":                {slo.Request{"OPTIONS", reviews, 204, 5 * ms}, "availability read_latency", ""},
		"a read of what is not there":          {slo.Request{"GET", reviews, 404, 5 * ms}, "availability read_latency", ""},
		"a read that fails at once":            {slo.Request{"GET", reviews, 500, 5 * ms}, "", "availability"},
		"a read that fails slowly":             {slo.Request{"GET", reviews, 503, 10000 * ms}, "", "availability"},
		"a write":                              {slo.Request{"POST", reviews, 201, 20 * ms}, "availability write_latency", ""},
		"a write just in time":                 {slo.Request{"PUT", reviews, 200, 500 * ms}, "availability write_latency", ""},
		"a write just too late":                {slo.Request{"DELETE", reviews, 204, 500*ms + 1}, "availability", "write_latency"},
		"a patch that is refused":              {slo.Request{"PATCH", reviews, 412, 5 * ms}, "availability write_latency", ""},
		"a write that met too many others":     {slo.Request{"POST", reviews, 503, 10000 * ms}, "", "availability"},
		"a client that went away":              {slo.Request{"GET", reviews, 408, 5 * ms}, "availability", ""},
		"a client that never sent its body":    {slo.Request{"POST", reviews, 408, 10000 * ms}, "availability", ""},
		"a method that nobody knows":           {slo.Request{"BREW", reviews, 405, 1 * ms}, "availability write_latency", ""},
		"the earlier service's read":           {slo.Request{"GET", "/data", 200, 5 * ms}, "availability read_latency", ""},
		"the earlier service's write":          {slo.Request{"POST", "/data", 200, 5 * ms}, "availability write_latency", ""},
		"the earlier service's write, failing": {slo.Request{"POST", "/data", 500, 5 * ms}, "", "availability"},
		"a health check":                       {slo.Request{"GET", "/status", 200, 1 * ms}, "", ""},
		"a health check that fails":            {slo.Request{"GET", "/status", 500, 1 * ms}, "", ""},
		"a document":                           {slo.Request{"GET", "/openapi.yaml", 200, 900 * ms}, "", ""},
		"a page that is not there":             {slo.Request{"GET", "unmatched", 404, 1 * ms}, "", ""},
		"a path that only begins alike":        {slo.Request{"GET", "/v1beta", 500, 1 * ms}, "", ""},
		"a path beyond the earlier service's":  {slo.Request{"GET", "/data/more", 500, 1 * ms}, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var good, bad []string
			for _, objective := range slo.Objectives() {
				counts, kept := objective.Judge(c.request)
				switch {
				case counts && kept:
					good = append(good, objective.Name)
				case counts:
					bad = append(bad, objective.Name)
				default:
					assert.False(t, kept, "%s: good, and does not count", objective.Name)
				}
			}
			assert.Equal(t, c.good, strings.Join(good, " "), "good")
			assert.Equal(t, c.bad, strings.Join(bad, " "), "bad")
		})
	}
}

// Names become labels and parts of names of alarms; descriptions say what is judged.
func TestObjectivesAreSane(t *testing.T) {
	t.Parallel()
	names := map[string]bool{}
	for _, objective := range slo.Objectives() {
		assert.Regexp(t, `^[a-z]+(_[a-z]+)*$`, objective.Name)
		assert.False(t, names[objective.Name], "%s is there twice", objective.Name)
		names[objective.Name] = true
		assert.Greater(t, objective.Target, 0.5)
		assert.Less(t, objective.Target, 1.0)
		assert.Equal(t, "30d", objective.Window.String(), "%s: the burn rates are chosen for 30 days", objective.Name)
		assert.True(t, strings.HasSuffix(objective.Description, "."))
		if objective.Within > 0 {
			said := regexp.MustCompile(`within (\d+) ms`).FindStringSubmatch(objective.Description)
			require.NotNil(t, said, "%s does not say how long a good request may take", objective.Name)
			within, err := time.ParseDuration(said[1] + "ms")
			require.NoError(t, err)
			assert.Equal(t, within, objective.Within, "%s says another time than it judges by", objective.Name)
		}
	}
}

func TestBudgetsAreExact(t *testing.T) {
	t.Parallel()
	rates := slo.BurnRates()
	for name, budget := range map[string]struct{ all, fastest float64 }{
		"availability":  {0.001, 0.0144},
		"read_latency":  {0.01, 0.144},
		"write_latency": {0.01, 0.144},
	} {
		for _, objective := range slo.Objectives() {
			if objective.Name == name {
				assert.Equal(t, budget.all, objective.Budget(), name)                          //nolint:testifylint // exactly that number is written into rules
				assert.Equal(t, budget.fastest, objective.MaxErrorRatio(rates[0]), "%s", name) //nolint:testifylint // as above
			}
		}
	}
}

// Each rate spends the share of the budget that the workbook names, and a rate above 1
// within the window is one that can be reached at all.
func TestBurnRatesSpendWhatTheWorkbookSays(t *testing.T) {
	t.Parallel()
	shares := []float64{0.02, 0.05, 0.10, 0.10}
	require.Len(t, slo.BurnRates(), len(shares))
	for i, rate := range slo.BurnRates() {
		for _, objective := range slo.Objectives() {
			spent := rate.Factor * rate.Long.Duration().Hours() / objective.Window.Duration().Hours()
			assert.InDelta(t, shares[i], spent, 1e-9)
			assert.Less(t, objective.MaxErrorRatio(rate), 1.0, "%s: no service can be that bad", objective.Name)
		}
		assert.InDelta(t, 12, rate.Long.Duration().Minutes()/rate.Short.Duration().Minutes(), 0, "the short window is a twelfth")
		if i > 0 {
			assert.Less(t, rate.Factor, slo.BurnRates()[i-1].Factor, "slower rates come later")
		}
	}
}

func TestWindowsAreWrittenAsPrometheusDoes(t *testing.T) {
	t.Parallel()
	for text, window := range map[string]time.Duration{"5m": 5 * time.Minute, "90m": 90 * time.Minute, "6h": 6 * time.Hour, "30d": 720 * time.Hour} {
		assert.Equal(t, text, slo.Window(window).String())
	}
}
