package dynamodbtest_test

import (
	"encoding/json"
	"fmt"
	"hash/crc32"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/pretendfriend/falafel-api/devenv/dynamodb"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/dynamodbtest"
)

const packagePath = "github.com/pretendfriend/falafel-api/devenv/dynamodb/dynamodbtest"

// noJava is the reason that the users without a PATH give.
const noJava = "DynamoDB Local needs Java 17 or newer on PATH: install a JRE (Debian: apt-get install openjdk-17-jre-headless)"

func TestDemand(t *testing.T) {
	t.Parallel()
	there := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		const body = `{"TableNames":[]}`
		w.Header().Set("X-Amz-Crc32", fmt.Sprint(crc32.ChecksumIEEE([]byte(body))))
		_, _ = io.WriteString(w, body)
	}))
	t.Cleanup(there.Close)
	for _, test := range []struct {
		name    string
		demand  string
		fails   bool
		says    []string
		reports []dynamodbtest.Report
	}{
		{
			name: "a kind that is missing fails", demand: "java", fails: true,
			says:    []string{"FALAFEL_TEST_DYNAMODB demands java: " + noJava, "dynamodbtest: not on java: " + noJava},
			reports: []dynamodbtest.Report{{Package: packagePath, Backend: "java", Missing: noJava}},
		},
		{
			name: "a kind that does not exist fails", demand: "paper", fails: true,
			says: []string{`FALAFEL_TEST_DYNAMODB: "paper" is no DynamoDB that can be used: write `},
		},
		{
			name: "a URL is used", demand: there.URL,
			says:    []string{"endpoint " + there.URL, "dynamodbtest: 1 tests on " + there.URL},
			reports: []dynamodbtest.Report{{Package: packagePath, Backend: dynamodb.Kind(there.URL), Tests: 1}},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			output, reports, err := runUser(t, "FALAFEL_TEST_DYNAMODB="+test.demand)
			assert.Equal(t, test.fails, err != nil, output)
			for _, text := range test.says {
				assert.Contains(t, output, text)
			}
			assert.Equal(t, test.reports, reports)
		})
	}
}

// TestNoDemand is about a machine without Java; what else it has is as it is here.
func TestNoDemand(t *testing.T) {
	t.Parallel()
	output, reports, err := runUser(t, "FALAFEL_TEST_DYNAMODB=", "FALAFEL_TEST_DYNAMODB_GRACE=100ms")
	assert.Contains(t, output, "SKIP: TestUser/java")
	assert.Contains(t, output, noJava)
	assert.Contains(t, reports, dynamodbtest.Report{Package: packagePath, Backend: "java", Missing: noJava})
	left := slices.DeleteFunc(dynamodb.Kinds(), func(kind dynamodb.Kind) bool {
		return kind == dynamodb.Java || dynamodb.Available(kind) != nil
	})
	assert.Contains(t, left, dynamodb.Embedded, "it is there without any program")
	for _, kind := range left {
		assert.Contains(t, output, "dynamodbtest: 1 tests on "+string(kind))
	}
	require.NoError(t, err, output)
}

// runUser runs a user without any program on its PATH to the end.
func runUser(t *testing.T, environment ...string) (output string, reports []dynamodbtest.Report, err error) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "report")
	user := startUser(t, newProject(t), append(environment, "PATH="+t.TempDir(), "FALAFEL_TEST_REPORT="+file)...)
	output, err = user.end()
	text, readErr := os.ReadFile(file)
	if readErr != nil {
		return output, nil, err
	}
	for line := range strings.Lines(string(text)) {
		var report dynamodbtest.Report
		require.NoError(t, json.Unmarshal([]byte(line), &report), line)
		reports = append(reports, report)
	}
	return output, reports, err
}
