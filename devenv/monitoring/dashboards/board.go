package main

import (
	"errors"

	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/cog/variants"
	"github.com/grafana/grafana-foundation-sdk/go/common"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/prometheus"
)

// board is a dashboard, in rows of panels.
type board struct {
	file        string
	uid         string // in the address: it stays, so that links do
	title       string
	description string
	rows        []row
}

type row struct {
	title  string
	panels []panel
}

// The dashboards find each other by this tag.
const tag = "falafel"

// docs is where people read what to do.
const docs = "https://github.com/pretendfriend/falafel-api/blob/main/docs/"

// source is the data source that was chosen at the top of the dashboard.
func source() common.DataSourceRef {
	return common.DataSourceRef{Type: new("prometheus"), Uid: new("${datasource}")}
}

// Grafana takes the first version of its schema from files; later ones come by its API.
//
//nolint:staticcheck // of which the SDK says that it is the older one
func (b board) build() (dashboard.Dashboard, error) {
	builder := dashboard.NewDashboardBuilder(b.title).
		Uid(b.uid).
		Description(b.description).
		Tags([]string{tag}).
		// Files are provisioned: what is changed in Grafana would be lost.
		Readonly().
		Time("now-1h", "now").
		Timezone(common.TimeZoneBrowser).
		Refresh("10s").
		Tooltip(dashboard.DashboardCursorSyncCrosshair).
		WithVariable(dashboard.NewDatasourceVariableBuilder("datasource").
			Label("Data source").
			Type("prometheus").
			Current(dashboard.VariableOption{
				Text:  dashboard.StringOrArrayOfString{String: new("Prometheus")},
				Value: dashboard.StringOrArrayOfString{String: new("prometheus")},
			})).
		Annotation(dashboard.NewAnnotationQueryBuilder().
			Name("Starts").
			Datasource(source()).
			Enable(true).
			IconColor("blue").
			// One mark where a process began, not one for each moment that it runs.
			Expr("process_start_time_seconds * 1000").
			UseValueForTime(true).
			TitleFormat("The service started").
			TextFormat("{{instance}}")).
		Link(dashboard.NewDashboardLinkBuilder("Dashboards").
			Type(dashboard.DashboardLinkTypeDashboards).
			Tags([]string{tag}).
			AsDropdown(false).
			IncludeVars(true).
			KeepTime(true)).
		Link(dashboard.NewDashboardLinkBuilder("Runbooks").
			Type(dashboard.DashboardLinkTypeLink).
			Icon("doc").
			Tooltip("What to do about an alert").
			Url(docs + "runbooks/README.md").
			TargetBlank(true))
	var id uint32
	for _, row := range b.rows {
		id++
		builder.WithRow(dashboard.NewRowBuilder(row.title).Id(id))
		for _, panel := range row.panels {
			id++
			builder.WithPanel(built{panel, id})
		}
	}
	result, err := builder.Build()
	// An error that is a nil list is none, and the library returns such.
	if problems, ok := errors.AsType[cog.BuildErrors](err); ok && len(problems) == 0 {
		err = nil
	}
	// The library would have them in a menu, where nobody looks.
	for i := range result.Links {
		result.Links[i].Placement = nil
	}
	for i := range result.Annotations.List {
		result.Annotations.List[i].Placement = nil
	}
	return result, err
}

// query is one expression of a panel.
type query struct {
	expr   string
	legend string // of each series: "{{route}}"

	at        moment
	exemplars bool // show single requests, which lead to their traces
}

// moment is when a query is asked for.
type moment int

const (
	always moment = iota // over the time that is shown
	latest               // once, at its end
)

func (q query) build(ref string, format prometheus.PromQueryFormat) cog.Builder[variants.Dataquery] {
	builder := prometheus.NewDataqueryBuilder().
		Expr(q.expr).
		LegendFormat(q.legend).
		RefId(ref).
		Datasource(source()).
		EditorMode(prometheus.QueryEditorModeCode).
		Format(format).
		Exemplar(q.exemplars)
	if q.at == latest {
		return builder.Instant()
	}
	return builder.Range()
}
