package faults

import (
	"crypto/rand"
	"net/http"
	"strings"

	"github.com/go-json-experiment/json"
)

// answer is an error as DynamoDB writes it.
//
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html
type answer struct {
	status int

	Type    string   `json:"__type"`
	Message string   `json:"message"`
	Reasons []reason `json:"CancellationReasons,omitempty"`
}

// reason is why one write of a transaction was, or was not, the cause of its end.
type reason struct {
	Code    string `json:"Code"`
	Message string `json:"Message,omitempty"`
}

const namespace = "com.amazonaws.dynamodb.v20120810#"

var internalServerError = answer{
	status: http.StatusInternalServerError, Type: namespace + "InternalServerError",
	Message: "The request processing has failed because of an unknown error, exception or failure.",
}

func (a answer) write(w http.ResponseWriter) {
	content, err := json.Marshal(a)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	w.Header().Set("Content-Type", "application/x-amz-json-1.0")
	w.Header().Set("X-Amzn-Requestid", rand.Text()) // errors of the SDK quote it
	w.WriteHeader(a.status)
	_, _ = w.Write(content) // the service may be gone
}

func (c call) throttled() answer {
	const message = "The level of configured provisioned throughput for the table was exceeded. Consider increasing your provisioning level with the UpdateTable API."
	if c.operation == "TransactWriteItems" {
		return c.canceled(reason{"ProvisionedThroughputExceeded", message})
	}
	return answer{status: http.StatusBadRequest, Type: namespace + "ProvisionedThroughputExceededException", Message: message}
}

func (c call) conflict() answer {
	const message = "Transaction is ongoing for the item"
	if c.operation == "TransactWriteItems" {
		return c.canceled(reason{"TransactionConflict", message})
	}
	return answer{status: http.StatusBadRequest, Type: namespace + "TransactionConflictException", Message: message}
}

// canceled names the last write of the transaction as the one that was in the way: of the
// service's, that is the summary of the restaurant, which all its writers want.
func (c call) canceled(last reason) answer {
	var transaction struct{ TransactItems []struct{} }
	_ = json.Unmarshal(c.body, &transaction) // what is no transaction has no reasons
	var reasons []reason
	var codes []string
	for i := range transaction.TransactItems {
		of := reason{Code: "None"}
		if i == len(transaction.TransactItems)-1 {
			of = last
		}
		reasons, codes = append(reasons, of), append(codes, of.Code)
	}
	return answer{
		status: http.StatusBadRequest, Type: namespace + "TransactionCanceledException",
		Message: "Transaction cancelled, please refer cancellation reasons for specific reasons [" + strings.Join(codes, ", ") + "]",
		Reasons: reasons,
	}
}
