package environment_test

import (
	"io"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/pretendfriend/falafel-api/devenv/environment"
	"github.com/pretendfriend/falafel-api/devenv/internal/screen"
	"github.com/pretendfriend/falafel-api/devenv/monitoring"
)

// ask is what Prometheus answers; "" is nothing.
func ask(prometheus, path string) string {
	response, err := http.Get(prometheus + path)
	if err != nil {
		return ""
	}
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	if err != nil {
		return ""
	}
	return string(content)
}

func TestUpHasPrometheusWatchTheAPIThroughReloads(t *testing.T) {
	t.Parallel()
	if err := monitoring.Installed(); err != nil {
		if os.Getenv("FALAFEL_TEST_MONITORING") != "" {
			t.Fatal(err)
		}
		t.Skipf("NOT run: %v", err)
	}
	root := newCheckout(t)
	r := start(t, environment.Options{Root: string(root), Monitoring: true})
	printed := regexp.MustCompile(`Alerts +((http://[^/]+)/\S+)\n`).FindStringSubmatch(r.screen.String())
	require.NotNil(t, printed, "%s", r.screen)
	prometheus := printed[2]
	assert.Contains(t, ask("", printed[1]), "<html", "a page for people")

	assert.Contains(t, ask(prometheus, "/api/v1/rules"), "ServiceDown", "the rules are the project's")
	// One process after the other, at the address that stays.
	started := func() int {
		answer := ask(prometheus, "/api/v1/query?query=process_start_time_seconds%7Bjob=%22falafel-api%22%7D%5B1h%5D")
		values := map[string]bool{}
		for _, value := range regexp.MustCompile(`\[[\d.]+,"([\d.e+]+)"\]`).FindAllStringSubmatch(answer, -1) {
			values[value[1]] = true
		}
		return len(values)
	}
	require.Eventually(t, func() bool { return started() == 1 }, time.Minute, 100*time.Millisecond)
	root.edit(t, statusFile, statusText, version(1))
	require.Eventually(t, func() bool { return started() == 2 }, 3*time.Minute, 100*time.Millisecond)
	assert.Contains(t, ask(prometheus, "/api/v1/targets"), `"instance":"`+r.MetricsAddr+`"`)

	r.down(t)
	assert.Empty(t, ask(prometheus, "/-/healthy"), "nothing is left running")
	assert.NotContains(t, r.screen.String(), "prometheus: ", "it had nothing to complain about")
}

//nolint:paralleltest // PATH is the whole process's
func TestUpSaysHowToGetAPrometheus(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	err := environment.Up(t.Context(), environment.Options{
		Addr: freeAddr(t), MetricsAddr: freeAddr(t), Out: &screen.Screen{}, State: t.TempDir(), Monitoring: true,
	})
	require.ErrorIs(t, err, monitoring.ErrMissing)
	for _, mend := range []string{"apt-get install prometheus", "brew install prometheus", "docker compose up"} {
		assert.Contains(t, err.Error(), mend)
	}
	assert.NotContains(t, strings.TrimSpace(err.Error()), "\n")
}
