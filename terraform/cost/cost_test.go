package cost_test

import (
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclparse"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/pretendfriend/falafel-api/api/slo"
	"github.com/pretendfriend/falafel-api/api/store"
	"github.com/pretendfriend/falafel-api/terraform/cost"
)

var update = flag.Bool("update", false, "write docs/cost.md")

const page = "../../docs/cost.md"

func TestThePageIsUpToDate(t *testing.T) {
	t.Parallel()
	if *update {
		require.NoError(t, os.WriteFile(page, []byte(cost.Markdown()), 0o644))
	}
	is, err := os.ReadFile(page)
	require.NoError(t, err)
	assert.Equal(t, cost.Markdown(), string(is), "go test ./terraform/cost -update")
}

// Whoever adds a resource says what it costs.
func TestEveryKindOfResourceHasItsPrice(t *testing.T) {
	t.Parallel()
	used := map[string]string{} // by type, where
	require.NoError(t, filepath.WalkDir("..", func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.IsDir() && (entry.Name() == "examples" || entry.Name() == "tests" || entry.Name() == "testdata") {
			return filepath.SkipDir
		}
		if err != nil || filepath.Ext(path) != ".tf" {
			return err
		}
		for _, block := range parse(t, path).Blocks {
			if block.Type == "resource" && strings.HasPrefix(block.Labels[0], "aws_") {
				used[block.Labels[0]] = path
			}
		}
		return nil
	}))
	require.NotEmpty(t, used)
	known := map[string]bool{}
	for _, kind := range cost.Free() {
		known[kind] = true
	}
	for _, item := range append(cost.Items(), cost.Options()...) {
		assert.NotContains(t, cost.Free(), item.Resource, "costs nothing, and does")
		if item.Resource != "" {
			known[item.Resource] = true
			assert.NotEmpty(t, used[item.Resource], "nobody makes a %s", item.Resource)
		}
	}
	for kind, path := range used {
		assert.True(t, known[kind], "%s in %s is neither in Items, nor Options, nor Free", kind, path)
	}
}

func TestTheCountsAreThoseOfTheModules(t *testing.T) {
	t.Parallel()
	assert.Equal(t, cost.InterfaceEndpoints, count(t, "network/endpoints.tf", "interface_endpoints"))
	assert.Equal(t, cost.ManagedRules, count(t, "edge/waf.tf", "managed"))
	assert.Equal(t, cost.ServiceAlarms, count(t, "monitoring/alarms.tf", "alarms"))
	alarms, told := 0, 0
	for range slo.Objectives() {
		severities := map[slo.Severity]bool{}
		for _, rate := range slo.BurnRates() {
			if rate.Long.Duration() <= 24*time.Hour { // what CloudWatch can look back
				alarms += 2
				severities[rate.Severity] = true
			}
		}
		told += len(severities)
	}
	assert.Equal(t, cost.ObjectiveAlarms, alarms)
	assert.Equal(t, cost.ObjectiveTold, told)
	assert.Equal(t, cost.SystemErrorMetrics, count(t, "database/alarms.tf", "operations"))
	assert.Len(t, store.Definition("").GlobalSecondaryIndexes, cost.Indexes)
	assert.Equal(t, cost.CPU, number(t, variable(t, "service", "cpu")))
	assert.Equal(t, cost.Memory, number(t, variable(t, "service", "memory")))
	tasks, diagnostics := variable(t, "service", "tasks").Value(nil)
	require.False(t, diagnostics.HasErrors(), diagnostics)
	least, _ := tasks.GetAttr("min").AsBigFloat().Int64()
	assert.EqualValues(t, cost.Tasks, least)
}

func parse(t *testing.T, path string) *hclsyntax.Body {
	t.Helper()
	file, diagnostics := hclparse.NewParser().ParseHCLFile(path)
	require.False(t, diagnostics.HasErrors(), diagnostics)
	body, ok := file.Body.(*hclsyntax.Body)
	require.True(t, ok)
	return body
}

// count is how many members a local object or list has.
func count(t *testing.T, path, local string) int {
	t.Helper()
	for _, block := range parse(t, filepath.Join("../modules", path)).Blocks {
		if block.Type != "locals" || block.Body.Attributes[local] == nil {
			continue
		}
		expression := block.Body.Attributes[local].Expr
		if pairs, diagnostics := hcl.ExprMap(expression); !diagnostics.HasErrors() {
			return len(pairs)
		}
		items, diagnostics := hcl.ExprList(expression)
		require.False(t, diagnostics.HasErrors(), diagnostics)
		return len(items)
	}
	t.Fatalf("%s has no local.%s", path, local)
	return 0
}

func variable(t *testing.T, module, name string) hclsyntax.Expression {
	t.Helper()
	for _, block := range parse(t, filepath.Join("../modules", module, "variables.tf")).Blocks {
		if block.Type == "variable" && block.Labels[0] == name {
			return block.Body.Attributes["default"].Expr
		}
	}
	t.Fatalf("module %s has no variable %s", module, name)
	return nil
}

func number(t *testing.T, expression hclsyntax.Expression) int {
	t.Helper()
	value, diagnostics := expression.Value(nil)
	require.False(t, diagnostics.HasErrors(), diagnostics)
	whole, _ := value.AsBigFloat().Int64()
	return int(whole)
}
