package falafel_test

import (
	"io"
	"net/http"
	"testing"
)

// Authorization had a credential, which is not kept: add it.
// A credential in it is not kept: it stands as ••••.
func TestDeleteV1X(t *testing.T) {
	request, err := http.NewRequestWithContext(t.Context(), "DELETE", "http://127.0.0.1:3000/v1/x?token=••••", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	if response.StatusCode != 201 {
		t.Errorf("the answer is %s, and not 201: %s", response.Status, body)
	}
}
