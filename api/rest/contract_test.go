package rest_test

import (
	"net/http"
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

// witness is for paths that the API serves without an operation, too: its documents, and
// the pages about them.
func witness(next http.RoundTripper, lenient string) (http.RoundTripper, error) {
	held, err := contract()
	return openapitest.Witness{
		Contract: held, Next: next, Lenient: lenient,
		Undescribed: []string{"/openapi.", "/openapi-3.0.", "/docs", "/problems/"},
	}, err
}
