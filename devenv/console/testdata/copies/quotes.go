package falafel_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
)

func TestPostV1X(t *testing.T) {
	request, err := http.NewRequestWithContext(t.Context(), "POST", "http://127.0.0.1:3000/v1/x?a='b'&c=$(id)&d=`id`&e=[1-3]{a,b}", strings.NewReader("it's $HOME `id` $(id) \"x\" \\ ! # %s \n@file\n`"))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Add("Content-Type", "text/plain")
	request.Header.Add("X-A", "it's \"$HOME\" `id`")
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
