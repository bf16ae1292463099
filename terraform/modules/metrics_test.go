package modules_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/pretendfriend/falafel-api/api/telemetry"
)

// The service writes its metrics to its log: those that it writes are shown or alarmed on,
// as each costs money, and none is read that it does not write.
func TestTheMetricsThatMonitoringReadsAreThoseThatTheServiceWrites(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("monitoring/*.tf")
	require.NoError(t, err)
	var code strings.Builder
	for _, file := range files {
		content, err := os.ReadFile(file)
		require.NoError(t, err)
		code.Write(content)
	}
	written := map[string]bool{}
	for _, metric := range telemetry.EMFMetrics() {
		written[metric.Name] = true
		assert.Contains(t, code.String(), `"`+metric.Name+`"`, "nobody reads it")
		if metric.Dimension != "" {
			assert.Regexp(t, `"`+metric.Dimension+`"|\b`+metric.Dimension+` =`, code.String())
		}
	}
	read := 0
	name, statistic := regexp.MustCompile(`"([A-Z][A-Za-z]+)"`), regexp.MustCompile(`\bstat = "\w+"`)
	for line := range strings.Lines(code.String()) {
		if !strings.Contains(line, "var.metrics_namespace, metric") && !strings.Contains(line, `var.metrics_namespace, "`) {
			continue
		}
		for _, found := range name.FindAllStringSubmatch(statistic.ReplaceAllString(line, ""), -1) {
			if found[1] != "Objective" {
				read++
				assert.True(t, written[found[1]], "the service does not write %s", found[1])
			}
		}
	}
	assert.Greater(t, read, 10)
}
