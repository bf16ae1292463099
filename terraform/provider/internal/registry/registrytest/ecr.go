package registrytest

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
)

// ECRHost is where the repositories of [NewECR] claim to be.
const ECRHost = "123456789012.dkr.ecr.eu-central-1.amazonaws.com"

// ECR speaks the few calls of ECR's API. The registry behind it is another.
type ECR struct {
	mutex sync.Mutex
	calls []string // "Name {arguments}"
}

// NewECR starts an API that sends clients to proxy, and says mutability of every
// repository, with filters. It sets the environment, so that the test cannot be parallel.
func NewECR(t *testing.T, proxy, mutability string, filters ...string) *ECR {
	t.Helper()
	fake := &ECR{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, call, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
		var body json.RawMessage
		_ = json.NewDecoder(r.Body).Decode(&body)
		fake.mutex.Lock()
		fake.calls = append(fake.calls, call+" "+string(body))
		fake.mutex.Unlock()
		w.Header().Set("Content-Type", "application/x-amz-json-1.1")
		switch call {
		case "GetAuthorizationToken":
			token := base64.StdEncoding.EncodeToString([]byte("AWS:ecr-secret"))
			fmt.Fprintf(w, `{"authorizationData":[{"authorizationToken":%q,"proxyEndpoint":%q}]}`, token, proxy)
		case "DescribeRepositories":
			var exclusions []map[string]string
			for _, filter := range filters {
				exclusions = append(exclusions, map[string]string{"filter": filter, "filterType": "WILDCARD"})
			}
			encoded, _ := json.Marshal(exclusions)
			fmt.Fprintf(w, `{"repositories":[{"imageTagMutability":%q,"imageTagMutabilityExclusionFilters":%s}]}`, mutability, encoded)
		case "BatchDeleteImage":
			fmt.Fprint(w, `{"failures":[{"failureCode":"ImageNotFound","failureReason":"gone already"}]}`)
		default:
			w.WriteHeader(http.StatusBadRequest)
			fmt.Fprintf(w, `{"__type":"InvalidParameterException","message":"%s is not faked"}`, call)
		}
	}))
	t.Cleanup(server.Close)
	for name, value := range map[string]string{
		"AWS_ENDPOINT_URL_ECR": server.URL, "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_SESSION_TOKEN": "",
		"AWS_PROFILE": "", "AWS_CONFIG_FILE": "/dev/null", "AWS_SHARED_CREDENTIALS_FILE": "/dev/null", "AWS_EC2_METADATA_DISABLED": "true",
	} {
		t.Setenv(name, value)
	}
	return fake
}

// Calls are those so far whose name and arguments contain part.
func (e *ECR) Calls(part string) []string {
	e.mutex.Lock()
	defer e.mutex.Unlock()
	var calls []string
	for _, call := range e.calls {
		if strings.Contains(call, part) {
			calls = append(calls, call)
		}
	}
	return calls
}
