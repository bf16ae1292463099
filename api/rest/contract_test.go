package rest_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"

	"github.com/pretendfriend/falafel-api/api/rest"
	"github.com/pretendfriend/falafel-api/openapi/openapitest"
)

// contract is the document that every exchange of the tests is held against: the one of
// this code, whatever is committed.
var contract = sync.OnceValues(func() (*openapitest.Contract, error) {
	documents, err := rest.Documents()
	if err != nil {
		return nil, err
	}
	return openapitest.New(documents["openapi.json"])
})

// undescribed are the paths that the API serves without an operation: its documents,
// and the pages about them.
func undescribed(path string) bool {
	for _, prefix := range []string{"/openapi.", "/openapi-3.0.", "/docs", "/problems/"} {
		if strings.HasPrefix(path, prefix) {
			return true
		}
	}
	return false
}

// A witness sees every exchange with the API, and holds it against the document: each
// answer, and each request that was accepted. A departure from it is an error of the
// exchange.
type witness struct {
	next    http.RoundTripper
	lenient string // why the API accepts what the document does not admit
}

func (w witness) RoundTrip(request *http.Request) (*http.Response, error) {
	var sent []byte
	if request.Body != nil {
		var err error
		if sent, err = io.ReadAll(request.Body); err != nil {
			return nil, err
		}
		request = request.Clone(request.Context()) // of the same length, known or not
		request.Body = io.NopCloser(bytes.NewReader(sent))
	}
	response, err := w.next.RoundTrip(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, err
	}
	response.Body = io.NopCloser(bytes.NewReader(body))
	return response, w.hold(request, sent, response, body)
}

func (w witness) hold(request *http.Request, sent []byte, response *http.Response, body []byte) error {
	held, err := contract()
	if err != nil {
		return err
	}
	err = held.Response(request, response, body)
	if errors.Is(err, openapitest.ErrUndescribed) {
		// The router's own words: there is no such path, or no such method.
		routers := response.StatusCode == http.StatusNotFound || response.StatusCode == http.StatusMethodNotAllowed
		if routers || undescribed(request.URL.Path) || isPreflight(request) {
			return nil
		}
		return fmt.Errorf("%w, and it is answered with %d", err, response.StatusCode)
	}
	if response.StatusCode >= http.StatusBadRequest {
		return err
	}
	accepted := held.Request(request, sent)
	switch {
	case w.lenient == "":
		return errors.Join(err, accepted)
	case accepted == nil:
		return errors.Join(err, fmt.Errorf("%s %s: the document admits it, so that no leniency is needed", request.Method, request.URL))
	default:
		return err
	}
}

func isPreflight(request *http.Request) bool {
	return request.Method == http.MethodOptions && request.Header.Get("Access-Control-Request-Method") != ""
}
