package rules_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/VictoriaMetrics/metricsql"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/pretendfriend/falafel-api/api/slo"
	"github.com/pretendfriend/falafel-api/devenv/monitoring/rules"
)

const runbooks = root + "/docs/runbooks"

var (
	alarmResource = regexp.MustCompile(`(?s)resource "aws_cloudwatch_(?:metric|composite)_alarm" "(\w+)" \{\n.*?\n\}`)
	alarmPage     = regexp.MustCompile(`(?m)^\s*alarm_description\s*=.* \$\{local\.runbooks\}/(\w+|\$\{each\.value\.runbook\})\.md"$`)
	namedPage     = regexp.MustCompile(`runbook\s*=\s*"(\w+)"`)
	pageBase      = regexp.MustCompile(`runbooks\s*=\s*"(.*)"`)
	promqlBlock   = regexp.MustCompile("(?s)```promql\n(.*?)```")
	metricName    = regexp.MustCompile(`[a-z][a-z0-9_:]*_(?:total|bytes|bucket|count|sum|seconds)\b`)
)

// alarmPages are the pages that CloudWatch's alarms in the modules lead to.
func alarmPages(t *testing.T) (pages []string) {
	t.Helper()
	for _, file := range files(t, root+"/terraform/modules/*/*.tf") {
		content, err := os.ReadFile(file)
		require.NoError(t, err)
		for _, alarm := range alarmResource.FindAllStringSubmatch(string(content), -1) {
			page := alarmPage.FindStringSubmatch(alarm[0])
			if assert.NotNil(t, page, "%s: the description of %s does not end with the page of its runbook", file, alarm[1]) && !strings.HasPrefix(page[1], "$") {
				pages = append(pages, page[1])
			}
		}
		for _, page := range namedPage.FindAllStringSubmatch(string(content), -1) {
			pages = append(pages, page[1])
		}
		for _, base := range pageBase.FindAllStringSubmatch(string(content), -1) {
			assert.Equal(t, rules.RunbookURL("X"), base[1]+"/X.md", "%s: runbooks are elsewhere", file)
		}
	}
	require.Greater(t, len(pages), 8)
	for _, objective := range slo.Objectives() { // the provider hands their names to the modules
		pages = append(pages, rules.AlertName(objective))
	}
	return pages
}

func TestEachAlertAndAlarmHasARunbookAndEachRunbookOne(t *testing.T) {
	t.Parallel()
	wanted := map[string]bool{"README": true}
	for _, rule := range alerts(t) {
		wanted[rule.Alert] = true
	}
	for _, page := range alarmPages(t) {
		wanted[page] = true
	}
	for page := range wanted {
		assert.FileExists(t, filepath.Join(runbooks, page+".md"))
	}
	index, err := os.ReadFile(filepath.Join(runbooks, "README.md"))
	require.NoError(t, err)
	for _, file := range files(t, runbooks+"/*.md") {
		page := strings.TrimSuffix(filepath.Base(file), ".md")
		assert.True(t, wanted[page], "no alert and no alarm leads to %s", file)
		if page != "README" {
			assert.Contains(t, string(index), "| ["+page+"]("+page+".md) |", "the index does not have it")
		}
	}
}

func TestARunbookSaysWhatToDo(t *testing.T) {
	t.Parallel()
	for _, file := range files(t, runbooks+"/*.md") {
		page := strings.TrimSuffix(filepath.Base(file), ".md")
		if page == "README" {
			continue
		}
		content, err := os.ReadFile(file)
		require.NoError(t, err)
		at := 0
		for _, part := range []string{"# " + page + "\n\n**What it means.** ", "\n## See it\n", "\n## What to do\n", "\n## What not to do\n", "\n## It is over when\n"} {
			found := strings.Index(string(content[at:]), part)
			if assert.GreaterOrEqual(t, found, 0, "%s: %q is missing, or too early", file, part) {
				at += found
			}
		}
	}
}

// Whoever is woken copies them: they parse, and ask for what is shown or alerted on
// elsewhere, where tests hold it against a real service.
func TestTheQueriesOfRunbooksCanBeAsked(t *testing.T) {
	t.Parallel()
	var known strings.Builder
	for _, file := range slices.Concat(files(t, prometheus+"/rules/*.yml"), files(t, root+"/devenv/monitoring/grafana/dashboards/*.json")) {
		content, err := os.ReadFile(file)
		require.NoError(t, err)
		known.Write(content)
	}
	asked := 0
	for _, file := range files(t, runbooks+"/*.md") {
		content, err := os.ReadFile(file)
		require.NoError(t, err)
		for _, query := range promqlBlock.FindAllStringSubmatch(string(content), -1) {
			asked++
			_, err := metricsql.Parse(query[1])
			require.NoError(t, err, "%s: %s", file, query[1])
			for _, name := range metricName.FindAllString(query[1], -1) {
				assert.Contains(t, known.String(), name, "%s asks for %s, which is on no dashboard and in no rule", file, name)
			}
		}
	}
	assert.Greater(t, asked, 8)
}

var link = regexp.MustCompile(`\]\(([^)#:\s]*)(?:#([^)\s]*))?\)`)

func TestTheLinksOfRunbooksLeadSomewhere(t *testing.T) {
	t.Parallel()
	for _, file := range append(files(t, runbooks+"/*.md"), root+"/docs/slo.md") {
		content, err := os.ReadFile(file)
		require.NoError(t, err)
		for _, target := range link.FindAllStringSubmatch(string(content), -1) {
			path := file
			if target[1] != "" {
				path = filepath.Join(filepath.Dir(file), target[1])
			}
			_, err := os.Stat(path)
			require.NoError(t, err, "%s links to it", file)
			if target[2] == "" {
				continue
			}
			page, err := os.ReadFile(path)
			require.NoError(t, err)
			assert.Contains(t, headings(string(page)), target[2], "%s: %s has no such heading", file, target[1])
		}
	}
}

// headings are as GitHub makes anchors of them.
func headings(page string) (anchors []string) {
	unfit := regexp.MustCompile(`[^\p{L}\p{N} _-]`)
	for line := range strings.Lines(page) {
		if title, isHeading := strings.CutPrefix(strings.TrimLeft(line, "#"), " "); isHeading && strings.HasPrefix(line, "#") {
			anchors = append(anchors, strings.ReplaceAll(unfit.ReplaceAllString(strings.ToLower(strings.TrimSpace(title)), ""), " ", "-"))
		}
	}
	return anchors
}
