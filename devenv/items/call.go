package items

import (
	"context"
	"io"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/go-json-experiment/json/jsontext"
)

// record notes what the SDK puts on the wire: no other form of a call says as exactly what
// was asked, and can be sent once more.
func (c *Call) record(o *dynamodb.Options) {
	o.APIOptions = append(o.APIOptions, func(stack *middleware.Stack) error {
		return stack.Finalize.Add(middleware.FinalizeMiddlewareFunc("RecordCall",
			func(ctx context.Context, in middleware.FinalizeInput, next middleware.FinalizeHandler) (middleware.FinalizeOutput, middleware.Metadata, error) {
				if request, ok := in.Request.(*smithyhttp.Request); ok && c.Request == nil {
					c.note(ctx, request)
				}
				return next.HandleFinalize(ctx, in)
			}), middleware.Before)
	})
	o.Retryer = aws.NopRetryer{} // a person who looks sees what is, at once
}

func (c *Call) note(ctx context.Context, request *smithyhttp.Request) {
	stream := request.GetStream()
	if stream == nil {
		return
	}
	content, err := io.ReadAll(stream)
	if err != nil || request.RewindStream() != nil {
		return
	}
	body := jsontext.Value(content)
	if body.Canonicalize() == nil {
		c.Operation, c.Request = middleware.GetOperationName(ctx), body
	}
}
