package difftest

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
)

// object is one in JSON: requests and answers are as on the wire, so that what no SDK
// would send can be asked as well.
type object = map[string]any

// suffix makes table names this process's own.
var suffix = strings.ToLower(rand.Text()[:8])

// An answer is what a side said.
type answer struct {
	status    int
	exception string // without its namespace; "" when there is none
	message   string
	body      object
}

// A side answers requests.
type side func(request *http.Request) (status int, body []byte, err error)

// engineSide is a handler in this process.
func engineSide(handler http.Handler) side {
	return func(request *http.Request) (int, []byte, error) {
		recorder := httptest.NewRecorder()
		handler.ServeHTTP(recorder, request)
		return recorder.Code, recorder.Body.Bytes(), nil
	}
}

// wireSide is a database elsewhere.
func wireSide(request *http.Request) (int, []byte, error) {
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, nil, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	return response.StatusCode, body, err
}

func (s side) ask(ctx context.Context, endpoint, operation string, input object) (answer, error) {
	text, err := json.Marshal(input)
	if err != nil {
		return answer{}, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, endpoint+"/", bytes.NewReader(text))
	if err != nil {
		return answer{}, err
	}
	request.Header.Set("X-Amz-Target", "DynamoDB_20120810."+operation)
	request.Header.Set("Content-Type", "application/x-amz-json-1.0")
	request.Header.Set("X-Amz-Date", "20260101T000000Z")
	request.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=local/20260101/eu-central-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0")
	status, body, err := s(request)
	if err != nil {
		return answer{}, err
	}
	a := answer{status: status, body: object{}}
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	if err := decoder.Decode(&a.body); err != nil {
		return answer{}, fmt.Errorf("the answer to %s is no JSON: %w: %s", operation, err, body)
	}
	if status != http.StatusOK {
		name, _ := a.body["__type"].(string)
		_, a.exception, _ = strings.Cut(name, "#")
		for _, member := range []string{"message", "Message"} {
			if text, ok := a.body[member].(string); ok {
				a.message = text
			}
		}
	}
	return a, nil
}

func (a answer) String() string {
	text, _ := json.Marshal(a.body)
	return fmt.Sprintf("%d %s", a.status, text)
}
