package console_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/pretendfriend/falafel-api/api/store"
	"github.com/pretendfriend/falafel-api/devenv/console"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/dynamodbtest"
	"github.com/pretendfriend/falafel-api/devenv/items"
	"github.com/pretendfriend/falafel-api/devenv/traces"
)

func TestASnapshotShowsWhatWasThere(t *testing.T) {
	t.Parallel()
	dynamodbtest.ForEach(t, func(t *testing.T, db *dynamodbtest.Backend) {
		table := db.Table(t, store.Definition(""))
		buffer := traces.NewBuffer(traces.Limits{})
		c := newConsole(t, console.Options{
			Project: "falafel-api", Traces: buffer, Versions: map[string]string{"go": "go1.26"},
			Table: items.Handler(func() (*items.Table, error) { return items.New(db.Client, table), nil }),
		})
		c.SetDatabase(console.Database{Kind: "test"}, direct(t, db))
		c.SetTable(table)
		front := c.front(t, func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/openapi.json" {
				fmt.Fprint(w, `{"openapi":"3.1.0"}`)
				return
			}
			w.Header().Set("X-Request-Id", "an-id")
			_, _ = io.Copy(w, r.Body)
		})
		for i := range 150 { // more than a page of the table
			put := fmt.Sprintf(`{"item":{"pk":{"S":"P"},"sk":{"S":"%03d"}}}`, i)
			status, content := c.command(t, http.MethodPut, "/api/table/item", put)
			require.Equal(t, http.StatusOK, status, content)
		}
		for i := range 3 {
			do(t, http.MethodPost, front+fmt.Sprintf("/v1/%d", i), "grüße")
		}
		saved := c.last(t)
		buffer.Add(traces.Span{TraceID: saved.TraceID, SpanID: "00f067aa0ba902b7", ParentID: saved.SpanID, Name: "GET /v1"})
		fmt.Fprintln(c.LogWriter("api"), "time=2026-11-30T20:57:31.085Z level=WARN msg=hello request_id=an-id")
		saved = c.last(t)

		status, header, file := do(t, http.MethodGet, c.url+"/api/snapshot", "")
		require.Equal(t, http.StatusOK, status)
		assert.Regexp(t, `attachment; filename="falafel-api-.*\.falafel\.json\.gz"`, header.Get("Content-Disposition"))

		// In the page of a console, and alone.
		status, _, content := do(t, http.MethodPost, c.url+"/api/snapshots?name=a.gz", file, "X-Falafel-Console", "1", "Content-Type", "application/gzip")
		require.Equal(t, http.StatusOK, status, content)
		var opened struct{ ID string }
		require.NoError(t, json.Unmarshal([]byte(content), &opened))
		alone, err := console.OpenSnapshot(strings.NewReader(file), "a.gz", http.NotFoundHandler())
		require.NoError(t, err)
		ofItsOwn := watched{Console: alone}
		ofItsOwn.url = ofItsOwn.run(t)
		for _, shown := range []watched{{c.Console, c.url + "/snapshots/" + opened.ID}, ofItsOwn} {
			state := get[console.State](t, shown, "/api/state")
			assert.Equal(t, "a.gz", state.Snapshot.Name)
			assert.Equal(t, table, state.Table)
			assert.Equal(t, "go1.26", state.Versions["go"])
			assert.Len(t, get[list](t, shown, "/api/requests").Items, 3)
			assert.Equal(t, saved, shown.request(t, saved.ID))
			assert.Contains(t, string(shown.request(t, saved.ID).Spans), "GET /v1")
			assert.Len(t, get[struct{ Items []console.LogLine }](t, shown, "/api/logs?level=warn").Items, 1)
			assert.Len(t, get[struct{ Items []any }](t, shown, "/api/traces").Items, 1)
			assert.Contains(t, get[struct{ Waterfall string }](t, shown, "/api/traces/"+saved.TraceID).Waterfall, "GET /v1")
			_, _, copied := do(t, http.MethodGet, fmt.Sprintf("%s/api/requests/%d/copy?as=curl", shown.url, saved.ID), "")
			assert.Contains(t, copied, "/v1/2")
			status, content := shown.command(t, http.MethodPost, "/api/table/scan", "{}")
			require.Equal(t, http.StatusOK, status, content)
			assert.Equal(t, 150, strings.Count(content, `"sk":{"S":`))
			for _, change := range []string{"POST /api/reset", "DELETE /api/requests", "PUT /api/table/item", "POST /api/send", "POST /api/table/query", fmt.Sprintf("POST /api/requests/%d/replay", saved.ID)} {
				method, path, _ := strings.Cut(change, " ")
				status, content := shown.command(t, method, path, "{}")
				assert.Equal(t, http.StatusConflict, status, "%s: %s", change, content)
			}
		}
		var format struct {
			Format  string
			Version int
			Spec    struct{ Openapi string }
		}
		require.NoError(t, json.NewDecoder(unpack(t, file)).Decode(&format))
		assert.Equal(t, "falafel-console-snapshot", format.Format)
		assert.Equal(t, 1, format.Version)
		assert.Equal(t, "3.1.0", format.Spec.Openapi)
		assert.Len(t, get[list](t, c, "/api/requests").Items, 3, "what a snapshot asks is not recorded")
	})
}

func unpack(t *testing.T, file string) io.Reader {
	t.Helper()
	reader, err := gzip.NewReader(strings.NewReader(file))
	require.NoError(t, err)
	return reader
}

func pack(t *testing.T, content io.Reader) string {
	t.Helper()
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	_, err := io.Copy(w, content)
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return packed.String()
}

// blanks never end.
type blanks struct{}

var blank = strings.Repeat(" ", 64<<10)

func (blanks) Read(p []byte) (int, error) {
	return copy(p, blank), nil
}

func TestWhatIsNoSnapshotIsRefusedInASentence(t *testing.T) {
	t.Parallel()
	c := newConsole(t, console.Options{})
	var whole bytes.Buffer
	require.NoError(t, c.Save(&whole))
	for name, test := range map[string]struct{ file, says string }{
		"nothing":         {"", "not compressed"},
		"something else":  {"hello", "not compressed"},
		"no JSON":         {pack(t, strings.NewReader("hello")), "damaged"},
		"cut":             {whole.String()[:whole.Len()/2], "damaged"},
		"another format":  {pack(t, strings.NewReader(`{"format":"x","version":1}`)), "its format is not"},
		"a later version": {pack(t, strings.NewReader(`{"format":"falafel-console-snapshot","version":2}`)), "of version 2"},
		"a bomb":          {pack(t, io.LimitReader(blanks{}, 300<<20)), "larger than one can be"},
		"odd values":      {pack(t, strings.NewReader(`{"format":"falafel-console-snapshot","version":1,"requests":"none"}`)), "damaged"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			status, _, content := do(t, http.MethodPost, c.url+"/api/snapshots", test.file, "X-Falafel-Console", "1", "Content-Type", "application/gzip")
			assert.Equal(t, http.StatusUnprocessableEntity, status)
			assert.Contains(t, content, test.says)
			_, err := console.OpenSnapshot(strings.NewReader(test.file), "", nil)
			require.ErrorContains(t, err, test.says)
			assert.NotContains(t, err.Error(), "\n")
		})
	}
	almost, err := console.OpenSnapshot(strings.NewReader(pack(t, strings.NewReader(`{"format":"falafel-console-snapshot","version":1,"requests":[{}],"logs":[{}],"traces":[{}]}`))), "", nil)
	require.NoError(t, err, "what is missing is not there")
	empty := watched{Console: almost}
	empty.url = empty.run(t)
	get[console.State](t, empty, "/api/state")
	get[list](t, empty, "/api/requests")
	get[any](t, empty, "/api/logs")
	get[any](t, empty, "/api/traces")
	get[any](t, empty, "/api/series")
}
