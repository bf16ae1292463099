package main

import (
	"math"

	"github.com/grafana/grafana-foundation-sdk/go/bargauge"
	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/cog/variants"
	"github.com/grafana/grafana-foundation-sdk/go/common"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/heatmap"
	"github.com/grafana/grafana-foundation-sdk/go/prometheus"
	"github.com/grafana/grafana-foundation-sdk/go/stat"
	"github.com/grafana/grafana-foundation-sdk/go/timeseries"
)

// panel is one picture.
type panel struct {
	title       string
	description string // what a reader should see in it
	kind        kind
	unit        string // one of Grafana's, see package units
	width       uint32 // of 24 columns
	queries     []query

	steps    []step   // colors from a value on
	stacked  bool     // of a graph: the sum is what counts
	most     *float64 // where the axis ends
	runbooks []string // pages in docs/runbooks, without .md
}

// kind is how a panel shows numbers.
type kind int

const (
	graph  kind = iota // lines over time
	number             // the last value, large
	heat               // a histogram over time
	bars               // a histogram at one time
	alerts             // the alerts that fire, in words
)

// step is a color that begins at a value.
type step struct {
	from  float64
	color string
}

// The colors of steps. Below the first one, a number is good.
const good, warning, bad = "green", "orange", "red"

// lowest is for a first step that is not good.
var lowest = math.Inf(-1)

const (
	tall  = 8
	small = 5
)

// built is a panel with its number.
type built struct {
	panel

	id uint32
}

// Build implements cog.Builder.
func (p built) Build() (dashboard.Panel, error) {
	format := prometheus.PromQueryFormatTimeSeries
	if p.kind == heat || p.kind == bars {
		format = prometheus.PromQueryFormatHeatmap
	}
	var targets []cog.Builder[variants.Dataquery]
	for i, q := range p.queries {
		targets = append(targets, q.build(string(rune('A'+i)), format))
	}
	result, err := p.picture(targets)
	if err != nil {
		return result, err
	}
	result.Id, result.Title, result.Description = &p.id, &p.title, &p.description
	result.Datasource = new(source())
	for _, page := range p.runbooks {
		result.Links = append(result.Links, dashboard.DashboardLink{
			Title: "Runbook: " + page, Type: dashboard.DashboardLinkTypeLink,
			Url: new(docs + "runbooks/" + page + ".md"), TargetBlank: true, Tags: []string{},
		})
	}
	return result, nil
}

func (p built) picture(targets []cog.Builder[variants.Dataquery]) (dashboard.Panel, error) {
	switch p.kind {
	case number:
		return stat.NewPanelBuilder().Targets(targets).Unit(p.unit).Span(p.width).Height(small).
			Thresholds(p.thresholds()).
			ColorScheme(dashboard.NewFieldColorBuilder().Mode(dashboard.FieldColorModeIdThresholds)).
			ReduceOptions(common.NewReduceDataOptionsBuilder().Calcs([]string{"lastNotNull"})).
			TextMode(common.BigValueTextModeValueAndName).
			Orientation(common.VizOrientationAuto).
			Build()
	case heat:
		return heatmap.NewPanelBuilder().Targets(targets).Span(p.width).Height(tall).
			Color(heatmap.NewHeatmapColorOptionsBuilder().Mode(heatmap.HeatmapColorModeScheme).Scheme("Blues").Steps(64).
				Scale(heatmap.HeatmapColorScaleExponential).Exponent(0.5).Fill("dark-blue")).
			YAxis(heatmap.NewYAxisConfigBuilder().Unit(p.unit)).
			Tooltip(heatmap.NewHeatmapTooltipBuilder().Mode(common.TooltipDisplayModeSingle).YHistogram(true)).
			Unit(p.unit).
			Build()
	case bars:
		return bargauge.NewPanelBuilder().Targets(targets).Unit(p.unit).Span(p.width).Height(tall).
			Orientation(common.VizOrientationHorizontal).
			DisplayMode(common.BarGaugeDisplayModeBasic).
			ReduceOptions(common.NewReduceDataOptionsBuilder().Calcs([]string{"lastNotNull"})).
			Thresholds(p.thresholds()).
			Min(0).
			Build()
	case alerts:
		return p.alertList(), nil
	case graph:
	}
	builder := timeseries.NewPanelBuilder().Targets(targets).Unit(p.unit).Span(p.width).Height(tall).
		Min(0).
		LineWidth(1).
		ShowPoints(common.VisibilityModeNever).
		FillOpacity(10).
		Legend(common.NewVizLegendOptionsBuilder().DisplayMode(common.LegendDisplayModeList).Placement(common.LegendPlacementBottom).ShowLegend(true)).
		Tooltip(common.NewVizTooltipOptionsBuilder().Mode(common.TooltipDisplayModeMulti).Sort(common.SortOrderDescending)).
		Thresholds(p.thresholds())
	if len(p.steps) > 0 {
		builder.ThresholdsStyle(common.NewGraphThresholdsStyleConfigBuilder().Mode(common.GraphThresholdsStyleModeDashed))
	}
	if p.stacked {
		builder.Stacking(common.NewStackingConfigBuilder().Mode(common.StackingModeNormal)).FillOpacity(40)
	}
	if p.most != nil {
		builder.Max(*p.most)
	}
	return builder.Build()
}

func (p built) thresholds() cog.Builder[dashboard.ThresholdsConfig] {
	steps := []dashboard.Threshold{{Color: good}}
	for _, s := range p.steps {
		if len(steps) == 1 && s.from == lowest {
			steps[0].Color = s.color
			continue
		}
		steps = append(steps, dashboard.Threshold{Value: new(s.from), Color: s.color})
	}
	return dashboard.NewThresholdsConfigBuilder().Mode(dashboard.ThresholdsModeAbsolute).Steps(steps)
}

// alertList is Grafana's list of the alerts that Prometheus evaluates. The SDK has no
// type for it.
func (p built) alertList() dashboard.Panel {
	return dashboard.Panel{
		Type:    "alertlist",
		GridPos: &dashboard.GridPos{W: p.width, H: small},
		Options: map[string]any{
			"alertInstanceLabelFilter": "", "alertName": "", "dashboardAlerts": false, "datasource": "Prometheus",
			"groupBy": []string{}, "groupMode": "default", "maxItems": 20, "sortOrder": 3, "viewMode": "list",
			"stateFilter": map[string]bool{"firing": true, "pending": true, "error": true, "noData": false, "normal": false},
		},
	}
}
