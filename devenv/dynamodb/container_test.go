package dynamodb_test

import (
	"bytes"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/pretendfriend/falafel-api/devenv/dynamodb"
)

// TestImageThatCannotBePulled is in a process of its own, since testcontainers reads its
// configuration once.
func TestImageThatCannotBePulled(t *testing.T) {
	t.Parallel()
	if err := dynamodb.Available(dynamodb.Container); err != nil {
		t.Skip(err)
	}
	start := exec.CommandContext(t.Context(), os.Args[0])
	start.Env = append(os.Environ(), helperVariable+"="+string(dynamodb.Container),
		"TESTCONTAINERS_HUB_IMAGE_NAME_PREFIX=127.0.0.1:1") // where no registry is
	var output bytes.Buffer
	start.Stdout, start.Stderr = &output, &output
	began := time.Now()
	require.Error(t, start.Run())
	assert.Regexp(t, `^Docker cannot make a container of \S+ \(.+\): if it has to pull an image, let it reach its registry, or load the image\n$`, output.String())
	assert.Less(t, time.Since(began), 30*time.Second)
}
