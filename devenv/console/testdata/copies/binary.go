package falafel_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
)

func TestPostV1X(t *testing.T) {
	request, err := http.NewRequestWithContext(t.Context(), "POST", "http://127.0.0.1:3000/v1/x", strings.NewReader("\x00\xff\n'%\\"))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Add("Content-Type", "application/octet-stream")
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
