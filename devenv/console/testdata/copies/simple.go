package falafel_test

import (
	"io"
	"net/http"
	"testing"
)

func TestGetV1Restaurants(t *testing.T) {
	request, err := http.NewRequestWithContext(t.Context(), "GET", "http://127.0.0.1:3000/v1/restaurants?limit=3", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Add("Accept-Language", "de")
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
