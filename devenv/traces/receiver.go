package traces

import (
	"compress/gzip"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"

	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"

	"github.com/go-json-experiment/json"

	"github.com/pretendfriend/falafel-api/devenv/internal/respond"
)

const (
	// maxBatchBytes is of a batch when it is unpacked: OpenTelemetry's SDKs send 512 spans.
	maxBatchBytes = 8 << 20

	// maxDecodes at a time bound the memory: messages take several times their bytes.
	maxDecodes = 2

	typeProtobuf, typeJSON = "application/x-protobuf", "application/json"
)

// Receiver takes spans by OTLP over HTTP, in Protobuf and in JSON, with gzip and without.
//
// https://opentelemetry.io/docs/specs/otlp/#otlphttp
func (b *Buffer) Receiver() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost {
			w.Header().Set("Allow", http.MethodPost)
			(&refusal{status: http.StatusMethodNotAllowed, message: "spans are sent by POST"}).write(w, typeJSON)
			return
		}
		mediaType, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
		if err != nil || mediaType != typeProtobuf && mediaType != typeJSON {
			(&refusal{status: http.StatusUnsupportedMediaType, message: "spans are taken as " + typeProtobuf + " or " + typeJSON}).write(w, typeJSON)
			return
		}
		select {
		case b.decodes <- struct{}{}:
			defer func() { <-b.decodes }()
		case <-r.Context().Done():
			return
		}
		batch, refused := readBatch(w, r, mediaType)
		if refused != nil {
			refused.write(w, mediaType)
			return
		}
		b.take(batch).write(w, mediaType)
	})
}

// readBatch decodes TracesData, which has the wire form of ExportTraceServiceRequest.
func readBatch(w http.ResponseWriter, r *http.Request, mediaType string) (*tracepb.TracesData, *refusal) {
	var body io.Reader = http.MaxBytesReader(w, r.Body, maxBatchBytes)
	switch coding := strings.ToLower(r.Header.Get("Content-Encoding")); coding {
	case "", "identity":
	case "gzip":
		unpacked, err := gzip.NewReader(body)
		if err != nil {
			return nil, &refusal{http.StatusBadRequest, "the body is not gzip, as Content-Encoding says"}
		}
		body = unpacked
	default:
		return nil, &refusal{http.StatusUnsupportedMediaType, "the body may be gzip, and not " + strconv.Quote(coding)}
	}
	content, err := io.ReadAll(io.LimitReader(body, maxBatchBytes+1))
	if _, long := errors.AsType[*http.MaxBytesError](err); long || len(content) > maxBatchBytes {
		return nil, &refusal{http.StatusRequestEntityTooLarge, fmt.Sprintf("a batch has at most %d bytes", maxBatchBytes)}
	}
	if err != nil {
		return nil, &refusal{http.StatusBadRequest, "the body cannot be read to its end"}
	}
	var batch tracepb.TracesData
	if mediaType == typeProtobuf {
		err = proto.Unmarshal(content, &batch)
	} else {
		err = unmarshalJSON(content, &batch)
	}
	if err != nil {
		return nil, &refusal{http.StatusBadRequest, "the body is no ExportTraceServiceRequest in " + mediaType}
	}
	return &batch, nil
}

// unmarshalJSON reads OTLP's JSON, which is Protobuf's but for ids: they are hexadecimal
// where Protobuf has base64.
//
// https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding
func unmarshalJSON(content []byte, batch *tracepb.TracesData) error {
	if err := (protojson.UnmarshalOptions{DiscardUnknown: true}).Unmarshal(content, batch); err != nil {
		return err
	}
	for _, resource := range batch.GetResourceSpans() {
		for _, scope := range resource.GetScopeSpans() {
			for _, span := range scope.GetSpans() {
				span.TraceId, span.SpanId, span.ParentSpanId = fromHex(span.GetTraceId()), fromHex(span.GetSpanId()), fromHex(span.GetParentSpanId())
			}
		}
	}
	return nil
}

// fromHex takes the text back that was read as base64. Digits of an id are such, and it has
// a multiple of four of them; what is none is no valid id.
func fromHex(read []byte) []byte {
	id, err := hex.DecodeString(base64.StdEncoding.EncodeToString(read))
	if err != nil {
		return nil
	}
	return id
}

// Take keeps the spans of a batch, and returns how many it did not.
func (b *Buffer) Take(batch *tracepb.TracesData) (rejected int) {
	result := b.take(batch)
	return result.invalid + result.large
}

func (b *Buffer) take(batch *tracepb.TracesData) *outcome {
	var spans []Span
	var result outcome
	for _, resource := range batch.GetResourceSpans() {
		service := ""
		for _, attribute := range resource.GetResource().GetAttributes() {
			if attribute.GetKey() == "service.name" {
				service = attribute.GetValue().GetStringValue()
			}
		}
		for _, scope := range resource.GetScopeSpans() {
			for _, from := range scope.GetSpans() {
				span, valid := decode(from, service)
				if !valid {
					result.invalid++
					continue
				}
				spans = append(spans, span)
			}
		}
	}
	result.large = b.Add(spans...)
	return &result
}

// outcome is what became of a batch: ExportTraceServiceResponse.
type outcome struct {
	invalid int // spans without valid ids
	large   int // spans of a trace that is too large
}

func (o *outcome) message() string {
	var parts []string
	if o.invalid > 0 {
		parts = append(parts, fmt.Sprintf("%d spans have no valid ids", o.invalid))
	}
	if o.large > 0 {
		parts = append(parts, fmt.Sprintf("%d spans are of traces that are too large", o.large))
	}
	return strings.Join(parts, ", ")
}

func (o *outcome) write(w http.ResponseWriter, mediaType string) {
	message, rejected := o.message(), o.invalid+o.large
	if mediaType == typeJSON {
		answer := map[string]any{}
		if rejected > 0 {
			answer["partialSuccess"] = map[string]any{"rejectedSpans": strconv.Itoa(rejected), "errorMessage": message}
		}
		respond.JSON(w, answer)
		return
	}
	var content []byte
	if rejected > 0 {
		// ExportTracePartialSuccess{rejected_spans = 1, error_message = 2}, which is field 1.
		partial := protowire.AppendVarint(protowire.AppendTag(nil, 1, protowire.VarintType), uint64(rejected))
		partial = protowire.AppendString(protowire.AppendTag(partial, 2, protowire.BytesType), message)
		content = protowire.AppendBytes(protowire.AppendTag(nil, 1, protowire.BytesType), partial)
	}
	w.Header().Set("Content-Type", typeProtobuf)
	_, _ = w.Write(content) // the sender may be gone
}

// refusal is why a batch is not taken: google.rpc.Status, in the encoding of the request.
//
// https://opentelemetry.io/docs/specs/otlp/#failures
type refusal struct {
	status  int
	message string
}

const codeInvalidArgument = 3 // https://github.com/googleapis/googleapis/blob/master/google/rpc/code.proto

func (f *refusal) write(w http.ResponseWriter, mediaType string) {
	var content []byte
	if mediaType == typeJSON {
		content, _ = json.Marshal(map[string]any{"code": codeInvalidArgument, "message": f.message}, json.Deterministic(true)) // a number and a text
	} else {
		// Status{code = 1, message = 2}
		content = protowire.AppendVarint(protowire.AppendTag(nil, 1, protowire.VarintType), codeInvalidArgument)
		content = protowire.AppendString(protowire.AppendTag(content, 2, protowire.BytesType), f.message)
	}
	w.Header().Set("Content-Type", mediaType)
	w.WriteHeader(f.status)
	_, _ = w.Write(content) // the sender may be gone
}
