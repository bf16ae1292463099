package rehearse_test

import (
	"bytes"
	"errors"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pretendfriend/falafel-api/devenv/dynamodb"
	"github.com/pretendfriend/falafel-api/devenv/internal/project"
	"github.com/pretendfriend/falafel-api/devenv/rehearse"
	"github.com/pretendfriend/falafel-api/devenv/terraform"
)

const demandVariable = "FALAFEL_TEST_REHEARSAL"

// TestHostedIsAppliedReleasedAndDestroyed takes minutes, so that it is only run where it
// is demanded.
func TestHostedIsAppliedReleasedAndDestroyed(t *testing.T) {
	if os.Getenv(demandVariable) == "" {
		t.Skipf("this takes minutes: set %s=1 to have it run", demandVariable)
	}
	root, err := project.Root()
	require.NoError(t, err)
	var out bytes.Buffer
	err = rehearse.Run(t.Context(), root, rehearse.Options{Out: &out})
	for _, lack := range []error{rehearse.ErrMissing, terraform.ErrMissing, dynamodb.ErrUnavailable} {
		if errors.Is(err, lack) {
			t.Fatalf("%s demands what is missing here: %v", demandVariable, err)
		}
	}
	require.NoError(t, err, out.String())
	t.Log(out.String())
}
