package embedded_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// newRequest is one as an SDK makes it, but for its signature, which nobody verifies.
func newRequest(ctx context.Context, endpoint, target string, body []byte) (*http.Request, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, endpoint+"/", bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	request.Header.Set("X-Amz-Target", target)
	request.Header.Set("Content-Type", "application/x-amz-json-1.0")
	request.Header.Set("X-Amz-Date", "20260101T000000Z")
	request.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=local/20260101/eu-central-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0")
	return request, nil
}

// refusal is an exception of the server.
type refusal struct {
	name string
	body map[string]any
}

func (r *refusal) Error() string { return fmt.Sprintf("%s: %v", r.name, r.body) }

// patient has a connection for each of many clients.
var patient = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 256}}

// ask asks without the retries of an SDK, which would blur what happened when. It returns
// a *refusal when there is an answer that is an exception.
func ask(ctx context.Context, endpoint, operation, body string) (map[string]any, error) {
	request, err := newRequest(ctx, endpoint, "DynamoDB_20120810."+operation, []byte(body))
	if err != nil {
		return nil, err
	}
	response, err := patient.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, err
	}
	answer := map[string]any{}
	if err := json.Unmarshal(text, &answer); err != nil {
		return nil, err
	}
	if response.StatusCode != http.StatusOK {
		name, _ := answer["__type"].(string)
		return nil, &refusal{name[strings.LastIndexByte(name, '#')+1:], answer}
	}
	return answer, nil
}

// number returns the number in an attribute of an item, and 0 when there is no item.
func number(item any, attribute string) int {
	members, _ := item.(map[string]any)
	value, _ := members[attribute].(map[string]any)
	n := 0
	_, _ = fmt.Sscan(fmt.Sprint(value["N"]), &n)
	return n
}
