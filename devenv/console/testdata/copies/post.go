package falafel_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
)

func TestPostV1RestaurantsMy20FalafelReviews(t *testing.T) {
	request, err := http.NewRequestWithContext(t.Context(), "POST", "http://127.0.0.1:3000/v1/restaurants/My%20Falafel/reviews", strings.NewReader(`{"rating": 4.5, "visited_at": "2026-11-20T12:30:00+01:00", "cost": 8.5, "comment": "Crisp!"}`))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Add("Content-Type", "application/json")
	request.Header.Add("Idempotency-Key", "k")
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
