package exception_test

import (
	"errors"
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/exception"
)

func TestTheTypeNamesTheLayerThatRaisedIt(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		exception.ValidationName:       "com.amazon.coral.validate#ValidationException",
		exception.SerializationName:    "com.amazon.coral.service#SerializationException",
		exception.UnknownOperationName: "com.amazon.coral.service#UnknownOperationException",
		"InvalidSignatureException":    "com.amazon.coral.service#InvalidSignatureException",
		exception.ResourceNotFoundName: "com.amazonaws.dynamodb.v20120810#ResourceNotFoundException",
		"TrimmedDataAccessException":   "com.amazonaws.dynamodb.v20120810#TrimmedDataAccessException",
	} {
		assert.Equal(t, want, exception.New(name, "").Type())
	}
}

func TestOnlyWhatIsTheServersFaultHasTheStatus500(t *testing.T) {
	t.Parallel()
	assert.Equal(t, http.StatusBadRequest, exception.Validation("x").Status())
	assert.Equal(t, http.StatusBadRequest, exception.New(exception.ResourceInUseName, "x").Status())
	assert.Equal(t, http.StatusInternalServerError, exception.Of(errors.New("x")).Status())
}

func TestMessagesAreFormatted(t *testing.T) {
	t.Parallel()
	assert.Equal(t, "One or more parameter values were invalid: 100% of all",
		exception.InvalidParameter("%d%% of %s", 100, "all").Message)
	assert.Equal(t, "SerializationException: no", exception.Serialization("no").Error())
}

func TestAnExceptionIsFoundInTheChainOfAnError(t *testing.T) {
	t.Parallel()
	inner := exception.Validation("no")
	assert.Same(t, inner, exception.Of(fmt.Errorf("while asking: %w", inner)))
}

func TestClientsAreNotToldWhatIsWrongWithTheServer(t *testing.T) {
	t.Parallel()
	e := exception.Of(errors.New("the password is 1234"))
	assert.Equal(t, exception.InternalServerErrorName, e.Name)
	assert.NotContains(t, e.Error(), "1234")
}
