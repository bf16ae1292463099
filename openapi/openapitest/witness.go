package openapitest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// A Witness sees every exchange of an HTTP client with the API, and holds it against the
// document: each answer, and each request that was accepted. A departure from it is an
// error of the exchange.
type Witness struct {
	Contract    *Contract
	Next        http.RoundTripper
	Undescribed []string // prefixes of paths that are served without an operation
	Lenient     string   // why the API accepts what the document does not admit; "": it does not
}

// RoundTrip implements http.RoundTripper.
func (w Witness) RoundTrip(request *http.Request) (*http.Response, error) {
	var sent []byte
	if request.Body != nil {
		var err error
		if sent, err = io.ReadAll(request.Body); err != nil {
			return nil, err
		}
		request = request.Clone(request.Context()) // of the same length, known or not
		request.Body = io.NopCloser(bytes.NewReader(sent))
	}
	response, err := w.Next.RoundTrip(request)
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

func (w Witness) hold(request *http.Request, sent []byte, response *http.Response, body []byte) error {
	err := w.Contract.Response(request, response, body)
	if errors.Is(err, ErrUndescribed) {
		// The router's own words: there is no such path, or no such method.
		routers := response.StatusCode == http.StatusNotFound || response.StatusCode == http.StatusMethodNotAllowed
		if routers || w.undescribed(request.URL.Path) || isPreflight(request) {
			return nil
		}
		return fmt.Errorf("%w, and it is answered with %d", err, response.StatusCode)
	}
	if response.StatusCode >= http.StatusBadRequest {
		return err
	}
	accepted := w.Contract.Request(request, sent)
	switch {
	case w.Lenient == "":
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

func (w Witness) undescribed(path string) bool {
	for _, prefix := range w.Undescribed {
		if strings.HasPrefix(path, prefix) {
			return true
		}
	}
	return false
}
