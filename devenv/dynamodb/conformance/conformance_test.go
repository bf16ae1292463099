package conformance_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pretendfriend/falafel-api/devenv/dynamodb"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/conformance"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/dynamodbtest"
)

func TestMain(m *testing.M) { dynamodbtest.Main(m) }

func TestConformance(t *testing.T) {
	t.Parallel()
	dynamodbtest.ForEach(t, func(t *testing.T, db *dynamodbtest.Backend) {
		var deviations []conformance.Deviation
		if isLocal(t, db) {
			deviations = conformance.Local
		}
		conformance.Run(t, db.Client, deviations)
	})
}

// isLocal reports whether the backend is DynamoDB Local: some kinds are by nature, of what
// is behind a URL the web server tells.
func isLocal(t *testing.T, db *dynamodbtest.Backend) bool {
	t.Helper()
	if db.Kind == dynamodb.Java || db.Kind == dynamodb.Container {
		return true
	}
	response, err := http.Get(db.Endpoint)
	require.NoError(t, err)
	defer response.Body.Close()
	return strings.HasPrefix(response.Header.Get("Server"), "Jetty")
}
