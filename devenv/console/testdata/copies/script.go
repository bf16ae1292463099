package falafel_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
)

func TestPostV13Cscript3E(t *testing.T) {
	request, err := http.NewRequestWithContext(t.Context(), "POST", "http://127.0.0.1:3000/v1/%3Cscript%3E", strings.NewReader("</script><!-- \u2028 \u2029 -->"))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Add("Content-Type", "text/plain")
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
