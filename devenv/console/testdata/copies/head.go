package falafel_test

import (
	"io"
	"net/http"
	"testing"
)

func TestHeadStatus(t *testing.T) {
	request, err := http.NewRequestWithContext(t.Context(), "HEAD", "http://127.0.0.1:3000/../status", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Add("X-Empty", "")
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
