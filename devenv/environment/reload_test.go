package environment_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"github.com/pretendfriend/falafel-api/devenv/environment"
)

const (
	// statusFile holds the text that /status answers, of which the tests make versions.
	statusFile = "api/rest/earlier.go"
	statusText = "Server is running!"

	saves       = 50
	requestRate = 200 // a second
	writeEvery  = 10  // one of so many requests adds a review

	// atOnce is how many requests may be unanswered: a machine that is busy with builds, and
	// with other tests, cannot keep up with every rate, and would fail them for that.
	atOnce = 40

	// reviewed restaurants take turns: of one alone, reviews that pile up are rightly
	// refused, as busy.
	reviewed = 100
)

func underLoad(api string, i int) string {
	return fmt.Sprintf("%s/v1/restaurants/Under%%20load%%20%d", api, i%reviewed)
}

func version(i int) string { return statusText + " " + strconv.Itoa(i) }

func send(client *http.Client, method, url, body string) (status int, answer string, err error) {
	request, err := http.NewRequest(method, url, strings.NewReader(body))
	if err != nil {
		return 0, "", err
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := client.Do(request)
	if err != nil {
		return 0, "", err
	}
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	return response.StatusCode, string(content), err
}

// load asks at a constant rate until done is closed, and leaves out what is more than
// atOnce.
func load(done <-chan struct{}, ask func(i int)) (asked int) {
	var asking errgroup.Group
	asking.SetLimit(atOnce)
	defer asking.Wait() // no request has an error: what is wrong is complained about
	ticker := time.NewTicker(time.Second / requestRate)
	defer ticker.Stop()
	began := time.Now()
	for due := 0; ; {
		select {
		case <-done:
			return asked
		case now := <-ticker.C:
			// A ticker drops what a busy machine was too late for.
			for ; due < int(now.Sub(began).Seconds()*requestRate); due++ {
				i := asked
				if asking.TryGo(func() error { ask(i); return nil }) {
					asked++
				}
			}
		}
	}
}

// Every answer has to come from a build that was the newest at some moment of the
// request: not an older one, not one that is half started, and not none.
func TestNoRequestFailsDuringFiftySaves(t *testing.T) {
	t.Parallel()
	root := newCheckout(t)
	root.edit(t, statusFile, statusText, version(0))
	r := start(t, environment.Options{Root: string(root)})
	api := "http://" + r.Addr
	client := &http.Client{Timeout: time.Minute, Transport: &http.Transport{MaxIdleConnsPerHost: requestRate}}
	defer client.CloseIdleConnections()

	var (
		saved, seen atomic.Int64 // versions
		written     atomic.Int64
		wrong       = make(chan string, 10)
	)
	complain := func(format string, args ...any) {
		select {
		case wrong <- fmt.Sprintf(format, args...):
		default:
		}
	}
	ask := func(i int) {
		if i%writeEvery == 0 {
			status, answer, err := send(client, http.MethodPost, underLoad(api, i/writeEvery)+"/reviews",
				`{"rating": 4, "visited_at": "2026-11-20T12:30:00Z", "cost": 8}`)
			if err != nil || status != http.StatusCreated {
				complain("a review was answered %d %s, %v", status, answer, err)
				return
			}
			written.Add(1)
			return
		}
		oldest := seen.Load()
		status, answer, err := send(client, http.MethodGet, api+"/status", "")
		number, numberErr := strconv.ParseInt(strings.TrimPrefix(answer, statusText+" "), 10, 64)
		if err != nil || status != http.StatusOK || numberErr != nil || number < oldest || number > saved.Load() {
			complain("after version %d was answered, and %d saved: %d %s, %v", oldest, saved.Load(), status, answer, err)
			return
		}
		for known := seen.Load(); number > known && !seen.CompareAndSwap(known, number); known = seen.Load() {
		}
	}

	done, asked := make(chan struct{}), make(chan int)
	go func() { asked <- load(done, ask) }()
	for i := range saves {
		saved.Add(1)
		root.edit(t, statusFile, version(i), version(i+1))
		require.Eventually(t, func() bool { return seen.Load() == saved.Load() || len(wrong) > 0 }, time.Minute, time.Millisecond,
			"save %d is not served:\n%s", i+1, r.screen)
		if len(wrong) > 0 {
			break
		}
	}
	close(done)
	total := <-asked
	close(wrong)
	for complaint := range wrong {
		t.Error(complaint)
	}
	if t.Failed() {
		t.Log(r.screen)
	}
	t.Logf("%d requests, %d of which added a review, during %d saves", total, written.Load(), saves)

	// What was acknowledged is there.
	var kept int64
	for i := range min(reviewed, int(written.Load())) {
		status, answer, err := send(client, http.MethodGet, underLoad(api, i), "")
		require.NoError(t, err)
		require.Equal(t, http.StatusOK, status, answer)
		var restaurant struct {
			Reviews int64 `json:"review_count"`
		}
		require.NoError(t, json.Unmarshal([]byte(answer), &restaurant))
		kept += restaurant.Reviews
	}
	assert.Equal(t, written.Load(), kept)
	r.down(t)
}

func TestABuildErrorLeavesTheBuildBefore(t *testing.T) {
	t.Parallel()
	root := newCheckout(t)
	r := start(t, environment.Options{Root: string(root)})
	root.edit(t, statusFile, statusText, `oops" + chickpeas + "`)
	r.shows(t, "api/rest/earlier.go:")
	r.shows(t, "undefined: chickpeas\nThe API does not build, for the reason above. Mend it and save; the build before goes on.")
	status, answer, err := send(http.DefaultClient, http.MethodGet, "http://"+r.Addr+"/status", "")
	require.NoError(t, err)
	assert.Equal(t, http.StatusOK, status)
	assert.Equal(t, statusText, answer)
	r.down(t)
}
