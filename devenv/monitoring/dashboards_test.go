package monitoring_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/cog/plugins"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
)

// board is what is looked at of a dashboard, as it is in its file.
type board struct {
	file string

	UID, Title, Description string
	Tags                    []string
	Editable                bool
	Panels                  []panel
	Links                   []struct{ Type, URL string }
	Annotations             struct {
		List []struct {
			Name, Expr, TextFormat string
			Datasource             source
		}
	}
	Templating struct {
		List []struct{ Name, Type, Query string }
	}
}

type panel struct {
	ID                       int
	Type, Title, Description string
	Datasource               source
	GridPos                  struct{ X, Y, W, H int }
	Links                    []struct{ URL string }
	Targets                  []struct {
		Expr, LegendFormat, RefID string
		Exemplar, Instant, Range  bool
		Datasource                source
	}
	FieldConfig struct {
		Defaults struct {
			Unit       string
			Thresholds struct{ Steps []struct{ Value *float64 } }
		}
	}
	Options struct{ Datasource string }
}

type source struct{ Type, UID string }

// chosen is the data source that the reader chose.
var chosen = source{"prometheus", "${datasource}"}

func dashboardFiles(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("grafana/dashboards/*.json")
	require.NoError(t, err)
	require.Len(t, files, 2)
	return files
}

func readDashboards(t *testing.T) (boards []board) {
	t.Helper()
	for _, file := range dashboardFiles(t) {
		content, err := os.ReadFile(file)
		require.NoError(t, err)
		b := board{file: filepath.Base(file)}
		require.NoError(t, json.Unmarshal(content, &b))
		boards = append(boards, b)
	}
	return boards
}

// Grafana itself is not at hand: these are its own types, which refuse what they do not
// know.
func TestGrafanasTypesTakeTheDashboards(t *testing.T) {
	t.Parallel()
	plugins.RegisterDefaultPlugins()
	for _, file := range dashboardFiles(t) {
		content, err := os.ReadFile(file)
		require.NoError(t, err)
		var read dashboard.Dashboard //nolint:staticcheck // see dashboards/board.go
		// Without a fault, it is an error that lists none.
		faults, _ := errors.AsType[cog.BuildErrors](read.UnmarshalJSONStrict(content))
		require.Empty(t, faults, file)
		require.NoError(t, read.Validate(), file)

		broken := strings.Replace(string(content), `"legendFormat"`, `"legendFromat"`, 1)
		require.ErrorContains(t, read.UnmarshalJSONStrict([]byte(broken)), "legendFromat", "their silence means something")
	}
}

func TestTheDashboardsCanBeRead(t *testing.T) {
	t.Parallel()
	uids := map[string]string{}
	for _, b := range readDashboards(t) {
		uids[b.file] = b.UID
		assert.Empty(t, b.faults(), b.file)
		assert.NotEmpty(t, b.Description)
		assert.False(t, b.Editable, "what is changed in Grafana is lost")
		assert.Equal(t, "datasource", b.Templating.List[0].Name)
		assert.Equal(t, "prometheus", b.Templating.List[0].Query)
		assert.Contains(t, b.Tags, "falafel")
		assert.Equal(t, "dashboards", b.Links[0].Type, "to the other one")
		for _, a := range b.Annotations.List {
			assert.Equal(t, chosen, a.Datasource, a.Name)
		}
	}
	assert.Equal(t, map[string]string{"service.json": "falafel-service", "business.json": "falafel-business"}, uids, "addresses that people keep")
}

// faults are what is wrong with the panels.
func (b board) faults() (faults []string) {
	found := func(p panel, format string, a ...any) {
		faults = append(faults, fmt.Sprintf("%q: %s", p.Title, fmt.Sprintf(format, a...)))
	}
	ids, titles, taken := map[int]bool{}, map[string]bool{}, map[[2]int]bool{}
	for _, p := range b.Panels {
		if p.ID == 0 || ids[p.ID] || titles[p.Title] {
			found(p, "its id or its title is another's")
		}
		ids[p.ID], titles[p.Title] = true, true
		if p.GridPos.W < 1 || p.GridPos.X+p.GridPos.W > 24 {
			found(p, "it is wider than the page")
		}
		for x := p.GridPos.X; x < p.GridPos.X+p.GridPos.W; x++ {
			for y := p.GridPos.Y; y < p.GridPos.Y+p.GridPos.H; y++ {
				if taken[[2]int{x, y}] {
					found(p, "it lies on another at %d, %d", x, y)
				}
				taken[[2]int{x, y}] = true
			}
		}
		switch p.Type {
		case "row":
			continue
		case "alertlist":
			if p.Options.Datasource != "Prometheus" {
				found(p, "its alerts are not Prometheus'")
			}
		default:
			b.picture(p, found)
		}
		if p.Description == "" {
			found(p, "nobody is told what to see in it")
		}
	}
	return faults
}

func (b board) picture(p panel, found func(panel, string, ...any)) {
	if p.FieldConfig.Defaults.Unit == "" {
		found(p, "it has no unit")
	}
	if p.Datasource != chosen || len(p.Targets) == 0 {
		found(p, "it asks nobody, or nothing")
	}
	refs := map[string]bool{}
	for _, target := range p.Targets {
		if target.Expr == "" || target.LegendFormat == "" || target.Datasource != chosen || target.Instant == target.Range || refs[target.RefID] {
			found(p, "its query %s is not whole", target.RefID)
		}
		refs[target.RefID] = true
	}
	steps := p.FieldConfig.Defaults.Thresholds.Steps
	for i, step := range steps {
		// Grafana takes the first for everything below, and wants the rest in order.
		if (step.Value == nil) != (i == 0) || i > 1 && *step.Value <= *steps[i-1].Value {
			found(p, "its colors are in no order")
		}
	}
}

func TestWhatADashboardMustNotHaveIsFound(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*panel)
		says   string
	}{
		"a number twice":        {func(p *panel) { p.ID = 1 }, "is another's"},
		"a panel on another":    {func(p *panel) { p.GridPos.Y = 0 }, "it lies on another"},
		"a panel off the page":  {func(p *panel) { p.GridPos.X = 20 }, "wider than the page"},
		"no unit":               {func(p *panel) { p.FieldConfig.Defaults.Unit = "" }, "no unit"},
		"no description":        {func(p *panel) { p.Description = "" }, "nobody is told"},
		"no expression":         {func(p *panel) { p.Targets[0].Expr = "" }, "query A is not whole"},
		"a data source by name": {func(p *panel) { p.Targets[0].Datasource.UID = "prometheus" }, "query A is not whole"},
		"colors out of order": {func(p *panel) {
			slices.Reverse(p.FieldConfig.Defaults.Thresholds.Steps)
		}, "in no order"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := readDashboards(t)[1]
			require.Equal(t, "service.json", b.file)
			c.change(&b.Panels[1])
			assert.Contains(t, strings.Join(b.faults(), "\n"), c.says)
		})
	}
}

// A link that leads nowhere is found when somebody is in a hurry.
func TestTheRunbooksThatDashboardsLinkToExist(t *testing.T) {
	t.Parallel()
	const pages = "https://github.com/pretendfriend/falafel-api/blob/main/docs/"
	linked := 0
	for _, b := range readDashboards(t) {
		links := []string{b.Links[1].URL}
		for _, p := range b.Panels {
			for _, link := range p.Links {
				links = append(links, link.URL)
			}
		}
		for _, link := range links {
			page, ok := strings.CutPrefix(link, pages)
			require.True(t, ok, link)
			assert.FileExists(t, filepath.Join("../../docs", filepath.FromSlash(page)))
			linked++
		}
	}
	assert.Greater(t, linked, 5)
}

// What Grafana is provisioned with has to fit together: the names are in three files.
func TestWhatGrafanaIsProvisionedWithFits(t *testing.T) {
	t.Parallel()
	var sources struct {
		Datasources []struct {
			Name, UID, Type, URL string
			IsDefault            bool `yaml:"isDefault"`
			JSONData             struct {
				TimeInterval string `yaml:"timeInterval"`
				Exemplars    []struct {
					Name          string
					DatasourceUID string `yaml:"datasourceUid"`
				} `yaml:"exemplarTraceIdDestinations"`
			} `yaml:"jsonData"`
		}
	}
	readYAML(t, "grafana/provisioning/datasources/datasources.yaml", &sources)
	require.Len(t, sources.Datasources, 2)
	prometheus, jaeger := sources.Datasources[0], sources.Datasources[1]
	assert.Equal(t, "Prometheus", prometheus.Name, "which the list of alerts names")
	assert.True(t, prometheus.IsDefault)
	require.Len(t, prometheus.JSONData.Exemplars, 1)
	assert.Equal(t, "trace_id", prometheus.JSONData.Exemplars[0].Name, "the label that the service gives exemplars")
	assert.Equal(t, jaeger.UID, prometheus.JSONData.Exemplars[0].DatasourceUID)
	assert.Equal(t, "jaeger", jaeger.Type)

	var scrapes struct {
		Global struct {
			Every string `yaml:"scrape_interval"`
		}
	}
	readYAML(t, "prometheus/prometheus.yml", &scrapes)
	assert.Equal(t, scrapes.Global.Every, prometheus.JSONData.TimeInterval)

	var providers struct {
		Providers []struct{ Options struct{ Path string } }
	}
	readYAML(t, "grafana/provisioning/dashboards/dashboards.yaml", &providers)
	var stack struct {
		Services map[string]struct {
			Volumes     []string
			Environment map[string]string
		}
	}
	readYAML(t, "../../compose.yaml", &stack)
	folder := providers.Providers[0].Options.Path
	grafana := stack.Services["grafana"]
	assert.Contains(t, grafana.Volumes, "./devenv/monitoring/grafana/dashboards:"+folder+":ro")
	assert.Equal(t, folder+"/service.json", grafana.Environment["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"])
	for host, source := range map[string]string{"prometheus": prometheus.URL, "jaeger": jaeger.URL} {
		assert.True(t, strings.HasPrefix(source, "http://"+host+":"), source)
		assert.Contains(t, stack.Services, host)
	}
}

func readYAML(t *testing.T, path string, into any) {
	t.Helper()
	content, err := os.ReadFile(path)
	require.NoError(t, err)
	require.NoError(t, yaml.Unmarshal(content, into))
}
