package telemetry

import (
	"context"
	"fmt"
	"io"
	"log/slog"
)

// LogFormat is how log lines are written.
type LogFormat string

// The formats of a log line.
const (
	JSON LogFormat = "json" // for machines: one object a line
	Text LogFormat = "text" // for a terminal: key=value
)

// UnmarshalText accepts "json" and "text".
func (f *LogFormat) UnmarshalText(text []byte) error {
	switch format := LogFormat(text); format {
	case JSON, Text:
		*f = format
		return nil
	default:
		return fmt.Errorf("%q is neither %q nor %q", text, JSON, Text)
	}
}

// NewLogger writes to w what is at least as important as the level. A line that is
// logged with a request's context carries request_id and, with a trace, trace_id and
// span_id. What looks like a secret is masked.
func NewLogger(w io.Writer, format LogFormat, level slog.Leveler) *slog.Logger {
	options := &slog.HandlerOptions{Level: level, ReplaceAttr: redact}
	var handler slog.Handler = slog.NewJSONHandler(w, options)
	if format == Text {
		handler = slog.NewTextHandler(w, options)
	}
	return slog.New(requestHandler{handler})
}

type requestHandler struct{ slog.Handler }

func (h requestHandler) Handle(ctx context.Context, record slog.Record) error {
	if request := FromContext(ctx); request != nil {
		var ids [3]slog.Attr // added at once: a record makes room each time
		known := append(ids[:0], slog.String(fieldRequestID, request.ID))
		if request.TraceID != "" {
			known = append(known, slog.String(fieldTraceID, request.TraceID))
		}
		if request.SpanID != "" {
			known = append(known, slog.String(fieldSpanID, request.SpanID))
		}
		record.AddAttrs(known...)
	}
	return h.Handler.Handle(ctx, record)
}

func (h requestHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return requestHandler{h.Handler.WithAttrs(attrs)}
}

func (h requestHandler) WithGroup(name string) slog.Handler {
	return requestHandler{h.Handler.WithGroup(name)}
}
