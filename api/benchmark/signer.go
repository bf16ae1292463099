package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strings"
	"sync"
	"time"
)

// signer makes Signature Version 4 for DynamoDB's requests: POST /, without a query.
// The key is derived once a day.
//
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
type signer struct {
	id, secret, token, region string

	mu  sync.Mutex
	day string
	key []byte
}

func (s *signer) sign(request *http.Request, body []byte) {
	at := time.Now().UTC().Format("20060102T150405Z")
	scope := at[:8] + "/" + s.region + "/dynamodb/aws4_request"
	names, token := "content-type;host;x-amz-date;x-amz-target", ""
	request.Header["X-Amz-Date"] = []string{at}
	if s.token != "" {
		names, token = "content-type;host;x-amz-date;x-amz-security-token;x-amz-target", "x-amz-security-token:"+s.token+"\n"
		request.Header["X-Amz-Security-Token"] = []string{s.token}
	}
	canonical := "POST\n/\n\ncontent-type:" + request.Header["Content-Type"][0] + "\nhost:" + request.Host + "\nx-amz-date:" + at + "\n" +
		token + "x-amz-target:" + request.Header["X-Amz-Target"][0] + "\n\n" + names + "\n" + hashed(body)
	signature := hex.EncodeToString(mac(s.keyOf(at[:8]), "AWS4-HMAC-SHA256\n"+at+"\n"+scope+"\n"+hashed([]byte(canonical))))
	request.Header["Authorization"] = []string{strings.Join([]string{
		"AWS4-HMAC-SHA256 Credential=", s.id, "/", scope, ", SignedHeaders=", names, ", Signature=", signature,
	}, "")}
}

func (s *signer) keyOf(day string) []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.day != day {
		s.day, s.key = day, []byte("AWS4"+s.secret)
		for _, part := range []string{day, s.region, "dynamodb", "aws4_request"} {
			s.key = mac(s.key, part)
		}
	}
	return s.key
}

func mac(key []byte, text string) []byte {
	h := hmac.New(sha256.New, key)
	_, _ = h.Write([]byte(text)) // never fails: hash.Hash
	return h.Sum(nil)
}

func hashed(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}
