package conformance

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash/crc32"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sigv4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

// An endpoint is a DynamoDB as seen on the wire.
type endpoint struct {
	url, streams string
	region       string
	credentials  aws.CredentialsProvider
	signer       *sigv4.Signer
	remote       bool // AWS itself: indexes follow the table after a while
	patience     time.Duration
}

func newEndpoint(client *dynamodb.Client) *endpoint {
	options := client.Options()
	e := &endpoint{region: options.Region, credentials: options.Credentials, signer: sigv4.NewSigner(), patience: patience}
	if options.BaseEndpoint != nil {
		e.url, e.streams = *options.BaseEndpoint, *options.BaseEndpoint
		return e
	}
	e.remote, e.patience = true, remotePatience
	e.url = "https://dynamodb." + e.region + ".amazonaws.com"
	e.streams = "https://streams.dynamodb." + e.region + ".amazonaws.com"
	return e
}

// An answer is what came back.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// ask sends a request. The error is about the way, never about what was answered.
func (e *endpoint) ask(ctx context.Context, operation string, body []byte) (answer, error) {
	url, service := e.url, "DynamoDB_20120810."
	switch operation {
	case "ListStreams", "DescribeStream", "GetShardIterator", "GetRecords":
		url, service = e.streams, "DynamoDBStreams_20120810."
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, url+"/", bytes.NewReader(body))
	if err != nil {
		return answer{}, err
	}
	request.Header.Set("X-Amz-Target", service+operation)
	request.Header.Set("Content-Type", "application/x-amz-json-1.0")
	request.Header.Set("Accept-Encoding", "identity") // the checksum is that of the bytes sent
	credentials, err := e.credentials.Retrieve(ctx)
	if err != nil {
		return answer{}, err
	}
	hash := sha256.Sum256(body)
	if err := e.signer.SignHTTP(ctx, credentials, request, hex.EncodeToString(hash[:]), "dynamodb", e.region, time.Now()); err != nil {
		return answer{}, err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return answer{}, err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return answer{}, err
	}
	return answer{status: response.StatusCode, header: response.Header, body: text}, nil
}

// check looks at what every answer has to have, whatever it says. DynamoDB Local leaves the
// checksum of refusals out, which would hide all else about them: see errorCases for it.
func (a answer) check() error {
	if a.header.Get("X-Amzn-Requestid") == "" {
		return fmt.Errorf("the answer has no x-amzn-RequestId")
	}
	if kind := a.header.Get("Content-Type"); !strings.HasPrefix(kind, "application/x-amz-json-1.0") {
		return fmt.Errorf("the answer's Content-Type is %q", kind)
	}
	if sum := a.header.Get("X-Amz-Crc32"); (sum != "" || a.status == http.StatusOK) && sum != strconv.FormatUint(uint64(crc32.ChecksumIEEE(a.body)), 10) {
		return fmt.Errorf("the answer's x-amz-crc32 is %q, which is wrong", sum)
	}
	return nil
}
